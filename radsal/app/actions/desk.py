"""What an action is, and what it may ask of the window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from radsal.app.actions.workstation import Workstation


class Desk(Protocol):
    """What an action may ask of the window: the workstation, and the window's own dialogs."""

    workstation: Workstation

    def ask_files(self) -> None:
        """Ask for files to open."""

    def ask_folder(self) -> None:
        """Ask for a folder to open."""

    def commit(self) -> None:
        """Take over what is still being typed, before anything else is done."""

    def ask_report(self) -> None:
        """Ask for the kind of report and where to put it."""

    def ask_frame(self) -> None:
        """Ask which frame of the image to show."""

    def show_card(self) -> None:
        """Show the card of the model that is asked."""

    def ask_options(self) -> None:
        """Ask for the options of the method that explains."""

    def ask_reader(self) -> None:
        """Ask under which name verdicts are given."""

    def open_demo(self) -> None:
        """Open the bundled synthetic cases."""

    def show_keys(self) -> None:
        """Show the sheet of keys."""

    def show_commands(self) -> None:
        """Show the list of commands that can be searched."""

    def show_about(self) -> None:
        """Say what RadSal is and its version."""

    def choose_tool(self, name: str) -> None:
        """What the left button does: window, zoom or pan."""

    def tool(self) -> str:
        """The name of the tool that is chosen."""

    def toggle_panel(self, name: str) -> None:
        """Show or hide the panel of cases or of findings."""

    def panel_shown(self, name: str) -> bool:
        """Whether a panel is shown."""

    def toggle_full_screen(self) -> None:
        """Full screen, or back."""

    def quit(self) -> None:
        """Close the window."""


Run = Callable[[Desk], None]
Ask = Callable[[Desk], bool]


@dataclass(frozen=True, slots=True)
class Action:
    """One row.

    Attributes
    ----------
    id:
        Dotted name, ``menu.verb``.
    text:
        On the menu; the toolbar shows ``short`` or, without it, the same.
    keys:
        Shortcuts; empty where there are none.
    enabled, checked:
        Asked whenever the session changes; ``checked`` makes the action checkable.
    toolbar:
        Group on the toolbar, 0 for none; groups are parted by a line.
    """

    id: str
    text: str
    run: Run
    keys: tuple[str, ...] = ()
    enabled: Ask | None = None
    checked: Ask | None = None
    toolbar: int = 0
    short: str = ""
    tip: str = ""

    @property
    def menu(self) -> str:
        """First part of the id."""
        return self.id.split(".")[0]
