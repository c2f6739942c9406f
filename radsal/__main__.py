"""Where ``radsal`` and ``python -m radsal`` begin.

Qt is imported only when a window is opened, so that the commands work on a machine without it.
Worker processes import this module again; it does nothing then.
"""

import sys
from pathlib import Path

from radsal import cli
from radsal.cli.display import why_no_window
from radsal.core.errors import NoWindow


def open_window(paths: list[Path]) -> int:
    """Open the workstation and return its exit status when it is closed.

    Raises
    ------
    NoWindow
        There is no display, or a library of Qt is missing.
    """
    reason = why_no_window()
    if reason:
        raise NoWindow(reason)
    from radsal.app.main import run  # noqa: PLC0415 - Qt: see above

    return run(paths)


def main() -> int:
    """Run one command, or open the window."""
    return cli.run(sys.argv[1:], open_window)


if __name__ == "__main__":
    sys.exit(main())
