"""Everything a user can do, one row each. Menus, toolbar, keys and the README's table follow it.

An action is a declaration: its functions take the :class:`~radsal.app.actions.desk.Desk`, so that
this module needs to know of no window. ``keys`` are Qt's portable key names; the first one is shown.
Longer than other modules, because it is one table.
"""

from collections.abc import Callable

from radsal.app.actions import conditions as when
from radsal.app.actions import display
from radsal.app.actions.desk import Action, Ask, Desk, Run
from radsal.app.actions.workstation import Workstation
from radsal.core.geometry import UPRIGHT
from radsal.core.radiograph import LookupTable
from radsal.review.vocabulary import MEANINGS, Cause


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
        if when.judgeable(desk):
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
        lambda d: d.workstation.clearing.index(),
        tip="Forget the headers kept of folders that were opened; the files stay as they are",
    ),
    Action(
        "file.clear_maps",
        "Clear the kept maps",
        lambda d: d.workstation.clearing.maps(),
        tip="Forget the maps that were computed; those that reads were given on stay stored",
    ),
    Action("file.quit", "Quit", lambda d: d.quit(), ("Ctrl+Q",)),
)

VIEW = (
    Action(
        "view.window",
        "Window",
        _WINDOW[0],
        ("W",),
        when.image,
        _WINDOW[1],
        1,
        tip="Left drag changes width (sideways) and center (up and down)",
    ),
    Action(
        "view.zoom",
        "Zoom",
        _ZOOM[0],
        ("Z",),
        when.image,
        _ZOOM[1],
        1,
        tip="Left drag zooms; the wheel and the right button always do",
    ),
    Action(
        "view.pan",
        "Pan",
        _PAN[0],
        ("M",),
        when.image,
        _PAN[1],
        1,
        tip="Left drag moves the image; the middle button always does",
    ),
    Action(
        "view.automatic",
        "Automatic window",
        lambda d: display.preset(d.workstation, 0),
        ("0",),
        when.image,
    ),
    Action(
        "view.invert",
        "Invert",
        _display(display.invert),
        ("I",),
        when.image,
        lambda d: d.workstation.session.view.inverted,
        2,
    ),
    Action(
        "view.fit",
        "Fit",
        _display(display.fit),
        ("F",),
        when.image,
        lambda d: d.workstation.session.view.zoom is None,
        2,
    ),
    Action(
        "view.actual",
        "1:1",
        _display(display.actual_size),
        ("A",),
        when.image,
        lambda d: d.workstation.session.view.zoom == 1.0,
        2,
        tip="One image pixel on one screen pixel",
    ),
    Action(
        "view.rotate_right",
        "Rotate right",
        _display(lambda w: display.rotate(w, 1)),
        ("R",),
        when.image,
        toolbar=2,
        short="Rotate",
        tip="A quarter clockwise, with heat map, contours and letters",
    ),
    Action(
        "view.rotate_left",
        "Rotate left",
        _display(lambda w: display.rotate(w, -1)),
        ("Shift+R",),
        when.image,
    ),
    Action(
        "view.flip",
        "Flip left and right",
        _display(display.flip),
        ("H",),
        when.image,
        toolbar=2,
        short="Flip",
        tip="Mirror the film, with heat map, contours and letters",
    ),
    Action(
        "view.flip_vertically",
        "Flip top and bottom",
        _display(lambda w: display.flip(w, vertically=True)),
        ("Shift+H",),
        when.image,
    ),
    Action(
        "view.upright",
        "As stored in the file",
        _display(display.upright),
        ("U",),
        lambda d: when.image(d) and d.workstation.session.view.turn != UPRIGHT,
    ),
    Action(
        "view.lut",
        "VOI LUT of the file",
        _display(display.toggle_lut),
        ("L",),
        when.luts,
        lambda d: isinstance(d.workstation.session.view.voi, LookupTable),
        tip="Some lookup tables turn the image white: without it the window holds",
    ),
    Action(
        "view.overlays",
        "Overlays of the file",
        _display(display.toggle_overlays),
        ("O",),
        when.planes,
        lambda d: when.planes(d) and d.workstation.session.view.overlays,
    ),
    Action(
        "view.shutter",
        "Shutter of the file",
        _display(display.toggle_shutter),
        ("S",),
        when.shuttered,
        lambda d: when.shuttered(d) and d.workstation.session.view.shutter,
        tip="Covers what lies outside; a model is given all of the image",
    ),
    Action(
        "view.smooth",
        "Smooth above 1:1",
        _display(display.toggle_smooth),
        ("Shift+A",),
        when.image,
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
        when.analysed,
        lambda d: d.workstation.session.view.heatmap,
        3,
        tip="Hold the key to peek",
    ),
    Action(
        "map.contours",
        "Contours",
        _display(display.toggle_contours),
        ("C",),
        when.analysed,
        lambda d: d.workstation.session.view.contours,
        3,
    ),
    Action(
        "map.grid",
        "Native grid",
        _display(display.toggle_native_grid),
        ("Shift+G",),
        when.analysed,
        lambda d: d.workstation.session.view.native_grid,
        3,
        tip="Draw the cells that the network really has, without interpolation",
    ),
    Action(
        "map.colors",
        "Next color map",
        _display(display.next_colormap),
        ("Shift+C",),
        when.positive,
    ),
    Action(
        "map.sign",
        "Evidence: positive, negative, both",
        _display(display.next_sign),
        ("X",),
        when.analysed,
        tip="What speaks for the finding, what speaks against it, or both; the color bar names it",
    ),
    Action(
        "map.scale",
        "Scale: per map, all findings, percentile",
        _display(display.next_scale),
        ("Shift+X",),
        when.analysed,
        tip="What the end of the colors stands for; the color bar names it",
    ),
    Action(
        "map.options",
        "Method options…",
        lambda d: d.ask_options(),
        ("Shift+M",),
        when.optional,
        lambda d: bool(d.workstation.session.reading.chosen_options),
        short="Options",
        tip="Layer, samples, window … of the method; marked where they are not the defaults",
    ),
    Action(
        "map.compare",
        "Compare methods",
        lambda d: d.workstation.comparing.toggle(),
        ("V",),
        when.image,
        lambda d: d.workstation.comparing.on,
        short="Compare",
        tip="Other methods' maps beside the one that is judged, moved and windowed together",
    ),
    Action(
        "map.add_pane",
        "Compare one more method",
        lambda d: d.workstation.comparing.add(),
        ("Shift+V",),
        lambda d: when.image(d) and d.workstation.session.comparison.room,
    ),
    Action(
        "map.analyse",
        "Analyse again",
        lambda d: d.workstation.analysing.analyse_anew(),
        ("F5",),
        when.image,
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
    Action("read.next_spot", "Next hot spot", _spot(+1), ("N",), when.spots),
    Action("read.previous_spot", "Previous hot spot", _spot(-1), ("P",), when.spots),
    Action(
        "read.leave_spot",
        "Leave the hot spot",
        _leave_spot,
        ("Esc",),
        lambda d: d.workstation.session.reading.spot is not None,
    ),
    Action(
        "read.erase",
        "Erase and run again",
        lambda d: d.workstation.erasing.erase(),
        ("E",),
        when.spots,
        tip="Fill the hot spot in, ask the model again, compare with equal erasures elsewhere",
    ),
    *(
        Action(
            f"read.verdict_{key}",
            f"Verdict: {cause.words if cause else 'cannot assess'}",
            _verdict(cause),
            enabled=when.judgeable,
            tip=MEANINGS[cause] if cause else "No judgement is possible",
        )
        for key, cause in enumerate(VERDICT_KEYS, start=1)
    ),
    *(
        Action(f"read.digit_{n}", f"Preset or verdict {n}", _digit(n), (str(n),), when.image)
        for n in range(1, 10)
    ),
    Action("read.next_case", "Next case", _step(+1), ("PgDown",), when.many),
    Action("read.previous_case", "Previous case", _step(-1), ("PgUp",), when.many),
    Action("read.next_image", "Next image of the case", _image_step(+1), ("]",), when.several),
    Action(
        "read.previous_image", "Previous image of the case", _image_step(-1), ("[",), when.several
    ),
    Action("read.next_frame", "Next frame", _frame_step(+1), (".",), when.frames),
    Action("read.previous_frame", "Previous frame", _frame_step(-1), (",",), when.frames),
    Action("read.frame", "Go to frame…", lambda d: d.ask_frame(), ("Ctrl+G",), when.frames),
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
        enabled=lambda d: d.workstation.session.reading.locked and when.analysed(d),
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
