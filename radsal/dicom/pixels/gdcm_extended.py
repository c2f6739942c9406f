"""A decoding plugin for pydicom: JPEG Extended (process 2 and 4), 8 and 12 bit, by GDCM.

pydicom's own GDCM plugin refuses 12 bit because it tells GDCM the header's bits stored; GDCM
decodes them when it is told the codestream's precision.
"""

import gdcm
from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner

from radsal.dicom.pixels.codestream import frame_info

DECODER_DEPENDENCIES = {uid.JPEGExtended12Bit: ("gdcm>=3.0.10",)}


def is_available(syntax: str) -> bool:
    """Whether this plugin decodes the transfer syntax."""
    return syntax in DECODER_DEPENDENCIES


def decode_frame(frame: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame to little-endian words; sets the runner's bits allocated."""
    info = frame_info(frame, uid.JPEGExtended12Bit)
    if info is None or info.precision not in (8, 12):
        raise ValueError("not JPEG Extended")
    allocated = 8 if info.precision == 8 else 16
    image = _image(frame, runner, allocated, info.precision)
    runner.set_option("bits_allocated", allocated)
    decoded: bytes = image.GetBuffer().encode("utf-8", "surrogateescape")
    return decoded


def _image(frame: bytes, runner: DecodeRunner, allocated: int, precision: int) -> gdcm.Image:
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(str(runner.photometric_interpretation))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    syntax = gdcm.TransferSyntax.GetTSType(str(uid.JPEGExtended12Bit))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    samples = runner.samples_per_pixel
    image.SetPixelFormat(gdcm.PixelFormat(samples, allocated, precision, precision - 1, 0))
    return image
