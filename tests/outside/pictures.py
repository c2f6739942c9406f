"""Gray levels out of the pictures that programs write."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def levels(path: Path) -> NDArray[np.int64]:
    """(rows, columns), 0 to 255 or 65535."""
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.int64)
