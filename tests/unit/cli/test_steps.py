import pytest

from radsal.cli.steps import bar, finish, show
from radsal.core.progress import Progress


def work(log):
    try:
        yield Progress(0, 0, "[red]first[/]")
        yield ("a", "batch")
        yield Progress(2, 2)
    finally:
        log.append("tidied up")
    return "done"


def failing(log):
    try:
        yield Progress(0, 1)
        raise KeyboardInterrupt
    finally:
        log.append("tidied up")


@pytest.mark.parametrize("drive", [finish, lambda s: show(s, bar(), "film [/a].dcm")])
def test_that_a_generator_is_run_to_its_end_and_gives_its_result(drive):
    log = []
    assert drive(work(log)) == "done"
    assert log == ["tidied up"]


@pytest.mark.parametrize("drive", [finish, lambda s: show(s, bar(), "film")])
def test_that_an_interrupt_closes_the_generator(drive):
    log = []
    with pytest.raises(KeyboardInterrupt):
        drive(failing(log))
    assert log == ["tidied up"]


def test_that_a_bar_leaves_no_task_behind_after_an_error():
    shown = bar()
    with pytest.raises(KeyboardInterrupt):
        show(failing([]), shown, "film")
    assert shown.tasks == []


def test_that_a_bar_writes_nothing_where_there_is_no_terminal(capsys):
    with bar() as shown:
        show(work([]), shown, "film")
    assert capsys.readouterr() == ("", "")


def test_that_what_is_being_done_stands_behind_the_name():
    def asking():
        yield Progress(0, 3, "Integrated Gradients 3 of 50")
        said.append(shown.tasks[0].description)
        yield Progress(1, 3)
        said.append(shown.tasks[0].description)

    shown, said = bar(), []
    show(asking(), shown, "demo")
    assert said == ["demo · Integrated Gradients 3 of 50", "demo"]


def test_that_a_name_with_brackets_stands_on_the_bar_as_it_is(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with bar() as shown:
        shown.add_task("film [bold]1[/bold] [/a].dcm")
        shown.refresh()
    assert "film [bold]1[/bold] [/a].dcm" in capsys.readouterr().err
