import sys

import pytest

from radsal.cli.display import WITHOUT_DISPLAY, why_no_window

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks for X or Wayland")


@linux
@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb"}])
def test_that_a_missing_display_is_named_with_what_works_without(environment):
    reason = why_no_window(environment)
    assert "DISPLAY" in reason
    assert "radsal --help" in reason


@linux
def test_that_a_display_that_nobody_serves_is_no_display():
    assert why_no_window({"DISPLAY": ":6543"})


@pytest.mark.parametrize("platform", sorted(WITHOUT_DISPLAY))
def test_that_platforms_without_a_display_need_none(platform, monkeypatch):
    monkeypatch.setattr("radsal.cli.display._missing_library", lambda plugin: "")
    assert why_no_window({"QT_QPA_PLATFORM": platform}) == ""
    assert why_no_window({"QT_QPA_PLATFORM": f"{platform}:size=800x600"}) == ""


def test_that_a_missing_qt_is_told_before_the_display(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "PySide6" in why_no_window({})


@linux
def test_that_a_missing_system_library_is_named_with_the_command_that_brings_it(monkeypatch):
    def missing(name):
        raise OSError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("ctypes.CDLL", missing)
    reason = why_no_window({"DISPLAY": ":0"})
    assert "libEGL.so.1 is missing" in reason
    assert "apt install" in reason
