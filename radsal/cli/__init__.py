"""The headless commands.

Enters: arguments. Leaves: one document on stdout (with ``--json``) or tables for a person, logs on
stderr, and an exit status: 0 all done, 1 some inputs refused (each named), 2 wrong usage, 3 a bug.
Why it exists: what the window shows can be made, tested and scripted without it, by the same
``workflow``.
"""

from radsal.cli.main import COMMANDS, run

__all__ = ["COMMANDS", "run"]
