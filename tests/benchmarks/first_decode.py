"""Run as a program: decode a small film, then the film of interest; print what that took, in ms.

``python first_decode.py SMALL FILM``: pydicom's own decode with nothing beside it. The small film
loads the plugin, as RadSal's decoder has it loaded; the memory is new to the process, as it is
when a first film is opened.
"""

import sys
import time
from pathlib import Path

import pydicom


def milliseconds(path: Path) -> float:
    begin = time.perf_counter()
    pydicom.dcmread(path).pixel_array  # noqa: B018 - it decodes
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    small, film = map(Path, sys.argv[1:])
    milliseconds(small)
    print(milliseconds(film))
