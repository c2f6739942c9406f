"""Films in a ZIP archive, and on a medium with a DICOMDIR."""

import io
import zipfile
from pathlib import Path

import pydicom
from pydicom.fileset import FileSet

HOSTILE = {  # names that must not lead anywhere, and how they are shown
    "../evil.dcm": "(..)/evil.dcm",
    "/etc/evil.dcm": "etc/evil.dcm",
    "C:\\evil.dcm": "(C:)/evil.dcm",
    "deeper/../../evil.dcm": "deeper/(..)/(..)/evil.dcm",
}


def zipped(films: dict[str, bytes], *, stored: bool = False) -> bytes:
    """A ZIP archive with these files."""
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in films.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def medium(folder: Path, films: dict[str, bytes]) -> Path:
    """Films below a folder with a DICOMDIR, as pydicom writes one (PS3.10 section 8)."""
    files = FileSet()
    for number, content in enumerate(films.values()):
        film = pydicom.dcmread(io.BytesIO(content))
        film.StudyTime, film.StudyID, film.SeriesNumber = "1200", "1", 1
        film.InstanceNumber = number
        files.add(film)
    files.write(folder)
    files._stage["t"].cleanup()  # pydicom leaves it to the garbage collector, which warns
    return folder / "DICOMDIR"
