"""Where the files that ship with RadSal lie, in a checkout and after ``pip install``."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_path(*parts: str) -> Path:
    """Path below ``resources/``; it need not exist.

    The wheel carries ``resources/`` as ``radsal/_resources``; a checkout (and an editable
    install) has it beside the package.
    """
    installed = _PACKAGE / "_resources"
    root = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)
