import json

import pytest

from radsal.cli.demo import MODELS, demo
from radsal.core.errors import NoWindow
from radsal.core.identity import ModelIdentity


class Package:
    def __init__(self, name):
        self.id, self.folder, self.identity = name, None, ModelIdentity(name, "b" * 64)
        self.labels = ("Opacity [a]",)


@pytest.fixture
def one_film(monkeypatch, new_film, engines):
    """The demo on one film, with models that need no torch."""
    film = new_film()
    monkeypatch.setattr("radsal.cli.demo.demo_case_paths", lambda: [film])
    monkeypatch.setattr("radsal.cli.demo.find_package", lambda name, roots: Package(name))
    return film


def test_that_the_demo_opens_the_window_where_there_is_one(one_film, tmp_path):
    opened = []
    assert demo(tmp_path / "out", tmp_path, lambda paths: opened.append(paths) or 0) == 0
    assert opened == [[one_film]]
    assert not (tmp_path / "out").exists()


def test_that_without_a_display_the_demo_writes_pictures_reports_and_json(
    one_film, tmp_path, capsys
):
    def none(paths):
        raise NoWindow("There is no display.")

    assert demo(tmp_path / "out", tmp_path, none) == 0
    out, err = capsys.readouterr()
    assert "There is no display." in err
    assert str(tmp_path / "out") in out
    for model in MODELS:
        assert f"{model}:" in out
        folder = tmp_path / "out" / model
        assert {"film.png", "film.pdf", "analysis.json"} < {p.name for p in folder.iterdir()}
        document = json.loads((folder / "analysis.json").read_text("utf-8"))
        assert document["results"][0]["model"]["id"] == model
