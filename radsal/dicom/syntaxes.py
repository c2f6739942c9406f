"""The transfer syntaxes that are read, and the one decoder that reads each (PS3.5 section 10)."""

from dataclasses import dataclass

from pydicom import uid


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax.

    Attributes
    ----------
    plugin:
        Name of pydicom's decoding plugin; empty for native (not encapsulated) pixel data.
        Only these are ever used: what else may be installed beside them is not.
    lossy:
        True: always lossy. False: never. None: the file says (PS3.3 C.7.6.1.1.5).
    """

    uid: uid.UID
    plugin: str = ""
    lossy: bool | None = False

    @property
    def deflated(self) -> bool:
        """Whether the data set must be inflated first (PS3.5 A.5)."""
        return self.uid == uid.DeflatedExplicitVRLittleEndian

    @property
    def native(self) -> bool:
        """Whether the pixel data is a plain array."""
        return not self.plugin


EXTENDED_PLUGIN = "radsal-gdcm"
JPEG2000_PLUGIN = "radsal-openjpeg"

SYNTAXES: dict[str, Syntax] = {
    syntax.uid: syntax
    for syntax in (
        Syntax(uid.ImplicitVRLittleEndian),
        Syntax(uid.ExplicitVRLittleEndian),
        Syntax(uid.DeflatedExplicitVRLittleEndian),
        Syntax(uid.ExplicitVRBigEndian),
        Syntax(uid.RLELossless, "pylibjpeg"),  # pylibjpeg-rle
        Syntax(uid.JPEGBaseline8Bit, "gdcm", lossy=True),
        Syntax(uid.JPEGExtended12Bit, EXTENDED_PLUGIN, lossy=True),
        Syntax(uid.JPEGLossless, "gdcm"),
        Syntax(uid.JPEGLosslessSV1, "gdcm"),
        Syntax(uid.JPEGLSLossless, "pyjpegls"),
        Syntax(uid.JPEGLSNearLossless, "pyjpegls", lossy=None),
        Syntax(uid.JPEG2000Lossless, JPEG2000_PLUGIN),
        Syntax(uid.JPEG2000, JPEG2000_PLUGIN, lossy=None),
        Syntax(uid.HTJ2KLossless, JPEG2000_PLUGIN),
        Syntax(uid.HTJ2KLosslessRPCL, JPEG2000_PLUGIN),
        Syntax(uid.HTJ2K, JPEG2000_PLUGIN, lossy=None),
    )
}

JPEG_FAMILY = frozenset(
    {
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        uid.JPEGLossless,
        uid.JPEGLosslessSV1,
        uid.JPEGLSLossless,
        uid.JPEGLSNearLossless,
    }
)
UNSIGNED_ONLY = frozenset({uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit})  # PS3.5 8.2.1
JPEG2000_FAMILY = frozenset(
    {uid.JPEG2000Lossless, uid.JPEG2000, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K}
)


#: Registered since pydicom's own list was made (PS3.6 Table A-1)
_NEWER = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}


def name_of(value: str) -> str:
    """``"JPEG 2000 (1.2.840…)"``, or the bare UID where it is not registered.

    What stands in a damaged file in place of a UID comes out without its control characters, and
    no longer than a UID.
    """
    registered = _NEWER.get(value) or uid.UID(value).name
    if registered != value:
        return f"{registered} ({value})"
    return "".join(letter if " " <= letter <= "~" else "?" for letter in value[:64])
