"""Methods and their options on the command line: found by name, refused before any film."""

import json
from dataclasses import replace

import pytest
import typer

from radsal import cli
from radsal.cli.methods import list_methods, method_help
from radsal.cli.options import options_of
from radsal.saliency.catalogue import CATALOGUE, GRADCAM
from radsal.saliency.options import Parameter
from radsal.workflow.analysis import AnalysisRequest

STEPS = Parameter("steps", 50, "Images between the baseline and the film.", 1, 1000)
SHARE = Parameter("share", 0.5, "A share.", 0, 1)
BASELINE = Parameter("baseline", "zero", "What is not there.", choices=("zero", "mean"))


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    """A method with an option of each kind, which the literature does not advise."""
    info = replace(
        GRADCAM,
        name="made-up",
        title="Made up",
        parameters=(*GRADCAM.parameters, STEPS, SHARE, BASELINE),
        advised=False,
        class_specific=False,
    )
    monkeypatch.setitem(CATALOGUE, "made-up", info)


@pytest.mark.parametrize(
    ("given", "layer", "options"),
    [
        ([], None, {}),
        (["steps=20", "baseline=mean"], None, {"steps": 20, "baseline": "mean"}),
        (["steps=50", "share=0.5"], None, {}),  # the defaults
        ([" share = 2.5e-1 "], None, {"share": 0.25}),
        ([], "features.denseblock3", {"layer": "features.denseblock3"}),
        (["layer=a=b"], None, {"layer": "a=b"}),
        ([], "last", {}),
    ],
)
def test_that_options_are_those_that_differ_from_the_defaults(given, layer, options):
    found = options_of("made-up", given, layer)
    assert found == options
    assert [type(v) for v in found.values()] == [type(v) for v in options.values()]


@pytest.mark.parametrize(
    ("given", "layer", "words"),
    [
        (["steps"], None, "NAME=VALUE"),
        (["=5"], None, "NAME=VALUE"),
        (["step=5"], None, "It has: layer, steps, share, baseline"),
        (["steps=many"], None, "steps of Made up cannot be 'many'"),
        (["steps=0"], None, "from 1 to 1000"),
        (["steps=2.5"], None, "whole number"),
        (["share=nan"], None, "from 0 to 1"),
        (["baseline=blur"], None, "one of zero, mean"),
        (["steps=5", "steps=6"], None, "steps is given twice"),
        (["layer=a"], "b", "layer is given twice"),
    ],
)
def test_that_what_is_no_option_is_wrong_usage(given, layer, words):
    with pytest.raises(typer.BadParameter, match=words.replace("(", r"\(")):
        options_of("made-up", given, layer)


@pytest.fixture
def analysed(monkeypatch, home):
    """The request that ``radsal analyze`` would work on; exit status and request."""
    seen: list[AnalysisRequest] = []

    def run(*arguments: str) -> int:
        monkeypatch.setattr(
            "radsal.cli.analyze.analyze", lambda paths, request, **_: seen.append(request) or 0
        )
        command = ["analyze", "film.dcm", "--model", "demo-opacity", *arguments]
        return cli.run(command, lambda _: 0)

    run.seen = seen
    return run


def test_that_the_model_is_asked_with_the_options_that_were_set(analysed):
    arguments = ("--method", "made-up", "--set", "steps=20", "--layer", "features.norm5")
    assert analysed(*arguments) == 0
    (request,) = analysed.seen
    assert (request.method, dict(request.options)) == (
        "made-up",
        {"steps": 20, "layer": "features.norm5"},
    )
    assert request.parameters["asked_layer"] == "features.norm5"


def test_that_an_impossible_option_exits_2_and_says_what_is_possible(analysed, capsys):
    assert analysed("--method", "made-up", "--set", "steps=0") == 2
    assert analysed.seen == []
    assert "from 1 to 1000" in " ".join(capsys.readouterr().err.split())


def test_that_a_method_that_is_not_there_is_refused_with_those_that_are(analysed, capsys):
    assert analysed("--method", "magic", "--set", "steps=1") == 1
    assert "made-up" in capsys.readouterr().err


def test_that_the_help_names_every_method_and_what_stands_against_it():
    text = method_help()
    assert all(name in text for name in CATALOGUE)
    assert "made-up (off by default in comparisons: fails weight randomisation)" in text


def test_that_every_method_is_described_in_the_document(capsys):
    assert list_methods(as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "radsal.methods/1"
    assert [method["name"] for method in document["methods"]] == list(CATALOGUE)
    method = document["methods"][-1]
    assert (method["class_specific"], method["advised"]) == (False, False)
    assert method["options"][1:] == [
        {
            "name": "steps",
            "default": 50,
            "meaning": "Images between the baseline and the film.",
            "range": [1, 1000],
            "choices": None,
        },
        {"name": "share", "default": 0.5, "meaning": "A share.", "range": [0, 1], "choices": None},
        {
            "name": "baseline",
            "default": "zero",
            "meaning": "What is not there.",
            "range": None,
            "choices": ["zero", "mean"],
        },
    ]


def test_that_every_method_is_described_in_words(capsys):
    assert cli.run(["methods"], lambda _: 0) == 0
    text = capsys.readouterr().out
    for info in CATALOGUE.values():
        assert info.title in text
        assert info.summary in text
    for words in (
        "the same for every finding",
        "--set steps=50  Images between the baseline and the film. From 1 to 1000.",
        "One of zero, mean.",
    ):
        assert words in text
