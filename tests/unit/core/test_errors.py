import copy
import pickle
import re
from pathlib import Path

import pytest

from radsal import settings
from radsal.core import errors
from radsal.core.errors import KnownError, RadSalError, Refusal, RefusalCode


def family(kind: type) -> list[type]:
    return [kind, *(one for child in kind.__subclasses__() for one in family(child))]


KNOWN = [kind for kind in family(KnownError) if kind.__module__.startswith("radsal.")]


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("way", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_that_an_error_keeps_its_words_on_the_way_between_processes(kind, way):
    error = way(kind("the disk is full", code="disk-full", remedy="free some space"))
    assert type(error) is kind
    assert (error.reason, error.code, error.remedy) == (
        "the disk is full",
        "disk-full",
        "free some space",
    )
    assert str(error) == "the disk is full"


def test_that_the_place_of_a_broken_settings_file_survives_the_way_between_processes():
    error = settings.SettingsError("broken", kept_aside=Path("settings.json.broken"))
    assert pickle.loads(pickle.dumps(error)).kept_aside == Path("settings.json.broken")


def test_that_notes_survive_the_way_between_processes():
    error = Refusal("cut off")
    error.add_note("in the third fragment")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["in the third fragment"]


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_that_every_known_error_has_a_code_for_scripts(kind):
    code = kind("something").code
    assert type(code) is str
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)


def test_that_refusal_codes_are_those_of_the_json_contract():
    assert {code.value for code in RefusalCode} == {
        "unreadable",
        "empty",
        "not-dicom",
        "no-transfer-syntax",
        "duplicate",
        "no-image",
        "truncated",
        "corrupt",
        "unsupported-syntax",
        "unsupported-pixels",
        "unsupported-archive",
        "outside",
        "too-large",
        "decoder-died",
        "decoder-timeout",
    }
    assert Refusal("empty", code=RefusalCode.EMPTY).code == "empty"


def test_that_the_tree_drawn_at_the_top_is_the_tree_of_the_module():
    drawn: dict[str, str] = {}
    open_ends: list[tuple[int, str]] = []
    for line in errors.__doc__.splitlines():
        found = re.match(r"^ {4}([│├└─ ]*)([A-Z]\w+)", line)
        if found is None:
            continue
        depth, name = len(found[1]), found[2]
        while open_ends and open_ends[-1][0] >= depth:
            open_ends.pop()
        drawn[name] = open_ends[-1][1] if open_ends else "Exception"
        open_ends.append((depth, name))
    here = [kind for kind in family(RadSalError) if kind.__module__ == errors.__name__]
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in here}
