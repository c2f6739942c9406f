"""Whether a picture is opaque: what would be seen through it is nothing that the file states."""

import numpy as np
from PIL import Image

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse


def check_opaque(image: Image.Image) -> None:
    """Raise Refusal (``unsupported-pixels``) unless every pixel of a loaded picture is opaque."""
    if not _is_opaque(image):
        raise refuse(
            RefusalCode.UNSUPPORTED_PIXELS,
            "The picture is transparent in places.",
            "Save it without transparency.",
        )


def _is_opaque(image: Image.Image) -> bool:
    if image.mode in ("LA", "RGBA"):
        return image.getchannel("A").getextrema() == (255, 255)
    clear = image.info.get("transparency")  # of a palette by colour, else the one clear colour
    if clear is None:
        return True
    if image.mode == "P":
        return image.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    pixels = np.asarray(image)
    return not (pixels == np.asarray(clear)).reshape(*pixels.shape[:2], -1).all(axis=2).any()
