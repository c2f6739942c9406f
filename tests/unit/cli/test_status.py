import click
import pytest
import typer

from radsal.cli.status import Status, known_errors, tell
from radsal.core.errors import BugError, Cancelled, KnownError, Refusal, RefusalCode


def test_that_the_exit_statuses_are_those_of_the_contract():
    assert [s.value for s in Status][:4] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refusal("cut off", code=RefusalCode.TRUNCATED), 1),
        (KnownError("the disk is full"), 1),
        (BugError("impossible"), 3),
        (ZeroDivisionError("oh"), 3),
        (Cancelled(), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_that_every_error_becomes_an_exit_status(error, status, capsys):
    with pytest.raises(typer.Exit) as end, known_errors():
        raise error
    assert end.value.exit_code == status
    out, err = capsys.readouterr()
    assert out == ""
    assert ("Traceback" in err) == (status == 3)
    assert err.strip()


@pytest.mark.parametrize("error", [typer.Exit(0), typer.Abort(), typer.BadParameter("wrong")])
def test_that_what_belongs_to_typer_is_left_to_typer(error):
    with pytest.raises(type(error)) as end, known_errors():
        raise error
    assert end.value is error


def test_that_wrong_usage_is_status_two():
    assert click.UsageError("wrong").exit_code == Status.USAGE


def test_that_an_error_is_told_by_code_reason_and_remedy_brackets_and_all(capsys):
    tell(KnownError("no film [a].dcm", code="film-unknown", remedy="Look in [/b]."))
    assert capsys.readouterr().err.split("\n") == [
        "film-unknown: no film [a].dcm",
        "Look in [/b].",
        "",
    ]
