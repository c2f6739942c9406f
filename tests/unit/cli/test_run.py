import io
import sys
from pathlib import Path

import pytest
import typer.main

from radsal import __version__, cli
from radsal.cli.main import app
from radsal.core.errors import NoWindow


@pytest.fixture
def window():
    """Notes what it is asked to open."""

    class Window:
        status = 0
        opened = None

        def __call__(self, paths):
            self.opened = paths
            return self.status

    return Window()


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ([], []),
        (["film.dcm"], [Path("film.dcm")]),
        (["a folder", "b.dcm"], [Path("a folder"), Path("b.dcm")]),
        (["./info"], [Path("info")]),
        (["-v"], []),
        (["--verbose", "film.dcm"], [Path("film.dcm")]),
        (["demo"], None),
    ],
)
def test_that_paths_open_the_window_and_commands_are_commands(window, arguments, paths):
    assert cli.run(arguments, window) == 0
    if paths is None:
        assert window.opened
        assert {path.suffix for path in window.opened} == {".dcm"}
    else:
        assert window.opened == [Path.cwd() / path for path in paths]


def test_that_the_status_of_the_window_is_that_of_the_program(window):
    window.status = 3
    assert cli.run([], window) == 3


def test_that_without_a_window_the_reason_is_told(capsys):
    def none(paths):
        raise NoWindow("There is no display.")

    assert cli.run([], none) == 1
    assert "no-window: There is no display." in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["info"], ["--nonsense"], ["models", "nonsense"], ["render", "x"], ["analyze", "x"]],
)
def test_that_wrong_usage_is_status_two_and_opens_nothing(window, arguments, capsys):
    assert cli.run(arguments, window) == 2
    assert window.opened is None
    assert capsys.readouterr().err


def test_that_the_version_is_printed(window, capsys):
    assert cli.run(["--version"], window) == 0
    assert capsys.readouterr().out == f"radsal {__version__}\n"


def test_that_help_names_the_commands_and_opens_nothing(window, capsys):
    assert cli.run(["--help"], window) == 0
    out = capsys.readouterr().out
    assert all(command in out for command in cli.COMMANDS - {"open"})
    assert window.opened is None


def test_that_every_command_is_told_from_a_path():
    assert set(typer.main.get_command(app).commands) == cli.COMMANDS


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [("--method", "magic", "method-unknown"), ("--finding", "Nodules", "finding-unknown")],
)
def test_that_a_wrong_question_is_told_before_any_film_is_opened(
    window, capsys, monkeypatch, option, value, code
):
    class Package:
        id, folder, identity, labels = "m", Path(), None, ("Opacity",)

    def started():
        raise AssertionError("a process was started")

    monkeypatch.setattr("radsal.cli.main.find_package", lambda name, roots: Package())
    monkeypatch.setattr("radsal.cli.analyze.Engines", started)
    assert cli.run(["analyze", "film.dcm", "--model", "m", option, value], window) == 1
    assert code in capsys.readouterr().err


def test_that_a_broken_settings_file_is_told_and_kept(window, home, capsys):
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.json").write_text("{broken")
    assert cli.run(["models", "list"], window) == 1
    assert "settings-broken" in capsys.readouterr().err
    assert (home / "config" / "settings.json.broken").read_text() == "{broken"


def test_that_an_unknown_format_is_wrong_usage_and_makes_no_store(window, home, capsys):
    arguments = ["export", "abcd", "--format", "docx", "--out", "."]
    assert cli.run(arguments, window) == 2
    assert "docx" in capsys.readouterr().err
    assert not home.exists()


def test_that_a_name_the_terminal_lacks_letters_for_is_printed_in_codes(
    window, engines, new_film, monkeypatch
):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    path = new_film("山.dcm")
    assert cli.run(["info", str(path)], window) == 0
    sys.stdout.flush()
    assert b"\\u5c71.dcm" in raw.getvalue()
