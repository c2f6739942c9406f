"""Everything a user can do, one row each. Menus, toolbar, keys and the README's table follow it.

An action is a declaration: its functions take the :class:`Desk`, so that this module needs to know
of no window. ``keys`` are Qt's portable key names; the first one is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from radsal.app.actions import display
from radsal.app.actions.workstation import Workstation
from radsal.core.geometry import UPRIGHT
from radsal.core.radiograph import LookupTable
from radsal.review.vocabulary import MEANINGS, Cause


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


def _image(desk: Desk) -> bool:
    return desk.workstation.session.reading.radiograph is not None


def _analysed(desk: Desk) -> bool:
    return desk.workstation.session.reading.analysis is not None


def _spots(desk: Desk) -> bool:
    return bool(desk.workstation.session.reading.spots)


def _judgeable(desk: Desk) -> bool:
    reading = desk.workstation.session.reading
    return reading.active_spot is not None and reading.read is not None and not reading.locked


def _many(desk: Desk) -> bool:
    return len(desk.workstation.session.worklist.cases) > 1


def _several(desk: Desk) -> bool:
    session = desk.workstation.session
    case = session.worklist.current(session.reading.case)
    return case is not None and len(case.images) > 1


def _luts(desk: Desk) -> bool:
    radiograph = desk.workstation.session.reading.radiograph
    return radiograph is not None and bool(radiograph.chain.luts)


def _planes(desk: Desk) -> bool:
    radiograph = desk.workstation.session.reading.radiograph
    return radiograph is not None and bool(radiograph.overlays)


def _shuttered(desk: Desk) -> bool:
    radiograph = desk.workstation.session.reading.radiograph
    return radiograph is not None and radiograph.shutter is not None


def _frames(desk: Desk) -> bool:
    header = desk.workstation.session.reading.header
    return header is not None and header.frames > 1


def _frame_step(step: int) -> Run:
    return lambda desk: desk.workstation.opening.step_frame(step)


def _image_step(step: int) -> Run:
    return lambda desk: desk.workstation.opening.step_image(step)


def _step(step: int) -> Run:
    return lambda desk: desk.workstation.opening.step(step)


def _spot(step: int) -> Run:
    return lambda desk: desk.workstation.session.reading.step_spot(step)


def _tool(name: str) -> tuple[Run, Ask]:
    return lambda desk: desk.choose_tool(name), lambda desk: desk.tool() == name


def _display(change: Callable[[Workstation], None]) -> Run:
    return lambda desk: change(desk.workstation)


def _leave_spot(desk: Desk) -> None:
    desk.workstation.session.reading.spot = None


def _verdict(cause: Cause | None) -> Run:
    return lambda desk: desk.workstation.judging.judge(cause)


def _digit(number: int) -> Run:
    """Digits choose window presets; while a hot spot is active they give its verdict."""

    def run(desk: Desk) -> None:
        if _judgeable(desk):
            if 1 <= number <= len(VERDICT_KEYS):
                desk.workstation.judging.judge(VERDICT_KEYS[number - 1])
        elif desk.workstation.session.reading.active_spot is None:
            display.preset(desk.workstation, number)

    return run


VERDICT_KEYS: tuple[Cause | None, ...] = (*Cause, None)  # 1 … 8, and 9: cannot assess

_WINDOW, _ZOOM, _PAN = _tool("window"), _tool("zoom"), _tool("pan")

FILE = (
    Action("file.open", "Open files…", lambda d: d.ask_files(), ("Ctrl+O",)),
    Action("file.folder", "Open folder…", lambda d: d.ask_folder(), ("Ctrl+Shift+O",)),
    Action("file.demo", "Open the demo cases", lambda d: d.open_demo()),
    Action("file.reader", "Reader…", lambda d: d.ask_reader()),
    Action(
        "file.report",
        "Report…",
        lambda d: d.ask_report(),
        ("Ctrl+P",),
        enabled=lambda d: d.workstation.reporting.possible,
    ),
    Action(
        "file.clear_index",
        "Clear the folder index",
        lambda d: d.workstation.opening.clear_index(),
        tip="Forget the headers kept of folders that were opened; the files stay as they are",
    ),
    Action("file.quit", "Quit", lambda d: d.quit(), ("Ctrl+Q",)),
)

VIEW = (
    Action(
        "view.window",
        "Window",
        _WINDOW[0],
        ("W",),
        _image,
        _WINDOW[1],
        1,
        tip="Left drag changes width (sideways) and center (up and down)",
    ),
    Action(
        "view.zoom",
        "Zoom",
        _ZOOM[0],
        ("Z",),
        _image,
        _ZOOM[1],
        1,
        tip="Left drag zooms; the wheel and the right button always do",
    ),
    Action(
        "view.pan",
        "Pan",
        _PAN[0],
        ("M",),
        _image,
        _PAN[1],
        1,
        tip="Left drag moves the image; the middle button always does",
    ),
    Action(
        "view.automatic",
        "Automatic window",
        lambda d: display.preset(d.workstation, 0),
        ("0",),
        _image,
    ),
    Action(
        "view.invert",
        "Invert",
        _display(display.invert),
        ("I",),
        _image,
        lambda d: d.workstation.session.view.inverted,
        2,
    ),
    Action(
        "view.fit",
        "Fit",
        _display(display.fit),
        ("F",),
        _image,
        lambda d: d.workstation.session.view.zoom is None,
        2,
    ),
    Action(
        "view.actual",
        "1:1",
        _display(display.actual_size),
        ("A",),
        _image,
        lambda d: d.workstation.session.view.zoom == 1.0,
        2,
        tip="One image pixel on one screen pixel",
    ),
    Action(
        "view.rotate_right",
        "Rotate right",
        _display(lambda w: display.rotate(w, 1)),
        ("R",),
        _image,
        toolbar=2,
        short="Rotate",
        tip="A quarter clockwise, with heat map, contours and letters",
    ),
    Action(
        "view.rotate_left",
        "Rotate left",
        _display(lambda w: display.rotate(w, -1)),
        ("Shift+R",),
        _image,
    ),
    Action(
        "view.flip",
        "Flip left and right",
        _display(display.flip),
        ("H",),
        _image,
        toolbar=2,
        short="Flip",
        tip="Mirror the film, with heat map, contours and letters",
    ),
    Action(
        "view.flip_vertically",
        "Flip top and bottom",
        _display(lambda w: display.flip(w, vertically=True)),
        ("Shift+H",),
        _image,
    ),
    Action(
        "view.upright",
        "As stored in the file",
        _display(display.upright),
        ("U",),
        lambda d: _image(d) and d.workstation.session.view.turn != UPRIGHT,
    ),
    Action(
        "view.lut",
        "VOI LUT of the file",
        _display(display.toggle_lut),
        ("L",),
        _luts,
        lambda d: isinstance(d.workstation.session.view.voi, LookupTable),
        tip="Some lookup tables turn the image white: without it the window holds",
    ),
    Action(
        "view.overlays",
        "Overlays of the file",
        _display(display.toggle_overlays),
        ("O",),
        _planes,
        lambda d: _planes(d) and d.workstation.session.view.overlays,
    ),
    Action(
        "view.shutter",
        "Shutter of the file",
        _display(display.toggle_shutter),
        ("S",),
        _shuttered,
        lambda d: _shuttered(d) and d.workstation.session.view.shutter,
        tip="Covers what lies outside; a model is given all of the image",
    ),
    Action(
        "view.smooth",
        "Smooth above 1:1",
        _display(display.toggle_smooth),
        ("Shift+A",),
        _image,
        lambda d: d.workstation.session.view.smooth,
        tip="Interpolate between pixels instead of showing each as it is",
    ),
    Action("view.full_screen", "Full screen", lambda d: d.toggle_full_screen(), ("F11",)),
    Action(
        "view.cases",
        "Cases",
        lambda d: d.toggle_panel("cases"),
        ("F7",),
        checked=lambda d: d.panel_shown("cases"),
    ),
    Action(
        "view.findings",
        "Findings",
        lambda d: d.toggle_panel("findings"),
        ("F8",),
        checked=lambda d: d.panel_shown("findings"),
    ),
)

MAP = (
    Action(
        "map.heatmap",
        "Heatmap",
        _display(display.toggle_heatmap),
        ("G",),
        _analysed,
        lambda d: d.workstation.session.view.heatmap,
        3,
        tip="Hold the key to peek",
    ),
    Action(
        "map.contours",
        "Contours",
        _display(display.toggle_contours),
        ("C",),
        _analysed,
        lambda d: d.workstation.session.view.contours,
        3,
    ),
    Action(
        "map.grid",
        "Native grid",
        _display(display.toggle_native_grid),
        ("Shift+G",),
        _analysed,
        lambda d: d.workstation.session.view.native_grid,
        3,
        tip="Draw the cells that the network really has, without interpolation",
    ),
    Action(
        "map.colors", "Next color map", _display(display.next_colormap), ("Shift+C",), _analysed
    ),
    Action(
        "map.analyse",
        "Analyse again",
        lambda d: d.workstation.analysing.analyse_anew(),
        ("F5",),
        _image,
    ),
    Action(
        "map.card",
        "Model card…",
        lambda d: d.show_card(),
        ("Ctrl+I",),
        lambda d: d.workstation.session.reading.model is not None,
        tip="What the model was made from and for, and what is known of its failures",
    ),
)

READ = (
    Action("read.next_spot", "Next hot spot", _spot(+1), ("N",), _spots),
    Action("read.previous_spot", "Previous hot spot", _spot(-1), ("P",), _spots),
    Action(
        "read.leave_spot",
        "Leave the hot spot",
        _leave_spot,
        ("Esc",),
        lambda d: d.workstation.session.reading.spot is not None,
    ),
    *(
        Action(
            f"read.verdict_{key}",
            f"Verdict: {cause.words if cause else 'cannot assess'}",
            _verdict(cause),
            enabled=_judgeable,
            tip=MEANINGS[cause] if cause else "No judgement is possible",
        )
        for key, cause in enumerate(VERDICT_KEYS, start=1)
    ),
    *(
        Action(f"read.digit_{n}", f"Preset or verdict {n}", _digit(n), (str(n),), _image)
        for n in range(1, 10)
    ),
    Action("read.next_case", "Next case", _step(+1), ("PgDown",), _many),
    Action("read.previous_case", "Previous case", _step(-1), ("PgUp",), _many),
    Action("read.next_image", "Next image of the case", _image_step(+1), ("]",), _several),
    Action("read.previous_image", "Previous image of the case", _image_step(-1), ("[",), _several),
    Action("read.next_frame", "Next frame", _frame_step(+1), (".",), _frames),
    Action("read.previous_frame", "Previous frame", _frame_step(-1), (",",), _frames),
    Action("read.frame", "Go to frame…", lambda d: d.ask_frame(), ("Ctrl+G",), _frames),
    Action(
        "read.sign",
        "Sign read",
        lambda d: d.workstation.judging.sign(),
        ("Ctrl+Return",),
        lambda d: d.workstation.session.reading.signable,
    ),
    Action(
        "read.amend",
        "Amend",
        lambda d: d.workstation.judging.amend(),
        enabled=lambda d: d.workstation.session.reading.locked and _analysed(d),
    ),
    Action(
        "read.save_again",
        "Save again",
        lambda d: d.workstation.judging.save_again(),
        ("Ctrl+S",),
        lambda d: bool(d.workstation.judging.kept_unsaved),
    ),
)

HELP = (
    Action("help.keys", "Keys", lambda d: d.show_keys(), ("F1",)),
    Action(
        "help.commands",
        "All commands…",
        lambda d: d.show_commands(),
        ("Ctrl+K",),
        short="Commands",
        tip="Find any action by its name",
    ),
    Action("help.about", "About RadSal", lambda d: d.show_about()),
)

ACTIONS: tuple[Action, ...] = FILE + VIEW + MAP + READ + HELP

HIDDEN = frozenset(f"read.digit_{n}" for n in range(1, 10))  # keys without a menu entry
