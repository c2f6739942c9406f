"""A decoding plugin for pydicom: JPEG 2000 and HTJ2K by pylibjpeg-openjpeg.

An image area may begin anywhere on the codestream's canvas (ISO 15444-1 B.2). pylibjpeg-openjpeg
hands back a buffer for all of the canvas, with the image at its beginning: pydicom's own plugin
fails over what follows it.
"""

from openjpeg.utils import decode_pixel_data
from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner

DECODER_DEPENDENCIES = dict.fromkeys(
    (uid.JPEG2000Lossless, uid.JPEG2000, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K),
    ("pylibjpeg-openjpeg>=2.3",),
)


def is_available(syntax: str) -> bool:
    """Whether this plugin decodes the transfer syntax."""
    return syntax in DECODER_DEPENDENCIES


def decode_frame(frame: bytes, runner: DecodeRunner) -> bytearray:
    """Decode one frame, colours by pixel; sets the runner's bits allocated."""
    decoded = decode_pixel_data(frame, version=2)
    if not isinstance(decoded, bytearray):
        raise TypeError("not JPEG 2000")
    allocated = 8 if runner.get_option("j2k_precision", runner.bits_stored) <= 8 else 16
    runner.set_option("bits_allocated", allocated)
    size = runner.rows * runner.columns * runner.samples_per_pixel * allocated // 8
    return decoded if len(decoded) == size else decoded[:size]
