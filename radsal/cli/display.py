"""Whether Qt can open a window here. Imports no Qt: Qt itself ends the process where it cannot."""

import ctypes
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

WITHOUT_DISPLAY = frozenset({"offscreen", "minimal", "vnc"})


def why_no_window(environment: Mapping[str, str] = os.environ) -> str:
    """One sentence that says what is missing, or an empty one where a window can be opened."""
    if importlib.util.find_spec("PySide6") is None:
        return "PySide6 is not installed; install RadSal again with pip."
    if not sys.platform.startswith("linux"):
        return ""
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if chosen in WITHOUT_DISPLAY:
        return _missing_library("")
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return (
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start RadSal in a "
            "desktop session, or use its commands (radsal --help)."
        )
    wayland = bool(environment.get("WAYLAND_DISPLAY")) and chosen != "xcb"
    missing = _missing_library("wayland" if wayland else "xcb")
    if missing and wayland and environment.get("DISPLAY"):
        missing = _missing_library("xcb")
    return missing or ("" if wayland else _unreachable(environment.get("DISPLAY", "")))


def _missing_library(plugin: str) -> str:
    """Which system library Qt's own libraries ask for in vain."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "PySide6 is not installed."
    qt = Path(spec.submodule_search_locations[0]) / "Qt"
    plugins = sorted((qt / "plugins" / "platforms").glob(f"libq*{plugin}*.so")) if plugin else []
    for library in (qt / "lib" / "libQt6Gui.so.6", *plugins[:1]):
        try:
            ctypes.CDLL(str(library))
        except OSError as error:
            name = str(error).split(":")[0]
            return (
                f"Qt cannot start: the system library {Path(name).name} is missing. "
                "On Debian or Ubuntu: apt install libegl1 libgl1 libxkbcommon-x11-0 "
                "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libdbus-1-3."
            )
    return ""


def _unreachable(display: str) -> str:
    """Why an X display that is named cannot be reached."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return ""  # the plugin was loaded, so Qt brings its own
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    broken = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return f"The display {display} cannot be reached." if broken else ""
