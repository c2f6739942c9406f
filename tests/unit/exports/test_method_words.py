"""A report says how each map was made and what speaks against it; an analysis is told by itself."""

from dataclasses import replace

import numpy as np
import pypdf
import pytest

from radsal.core.results import MapStatus, SaliencyMap
from radsal.exports.method_words import AGNOSTIC, cautions, method_rows
from radsal.saliency import catalogue
from radsal.saliency.catalogue import GRADCAM, LAYER, SEED, UNADVISED, Basis
from radsal.saliency.options import Parameter

STEPS = Parameter("steps", 50, "Images between the baseline and the film.", 1, 1000)


@pytest.fixture(autouse=True)
def slow(monkeypatch):
    """A method of input maps that explains one finding at a time, and one that is not advised."""
    info = replace(
        GRADCAM, name="slow", title="Slow Gradients", basis=Basis.INPUT,
        parameters=(STEPS, SEED), at_once=False,
    )  # fmt: skip
    poor = replace(
        GRADCAM, name="poor", title="Poor CAM", parameters=(LAYER,), class_specific=False,
        advised=False, sanity="It does not change with the weights (Nobody et al. 2020).",
    )  # fmt: skip
    monkeypatch.setitem(catalogue.CATALOGUE, "slow", info)
    monkeypatch.setitem(catalogue.CATALOGUE, "poor", poor)


def by(method, analysis, **parameters):
    """The analysis as another method would have made it."""
    return replace(
        analysis,
        method=method,
        maps=tuple(replace(m, method=method) for m in analysis.maps),
        hot_spots=tuple(
            replace(h, method=method, id=f"{method} {h.id}") for h in analysis.hot_spots
        ),
        parameters={**analysis.parameters, **parameters},
    )


def text_of(report, tmp_path):
    pages = pypdf.PdfReader(report.write(tmp_path / "r.pdf")).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_that_a_report_names_basis_grid_options_and_what_was_measured(report, tmp_path):
    facts = {"completeness_gap Opacity": 0.00312, "completeness_gap Effusion": 0.5, "relus": 12}
    report.analyses = [by("slow", report.analyses[0], steps=20, seed=7, **facts)]
    text = text_of(report, tmp_path)
    for words in (
        "Slow Gradients · input-based: made of the pixels that the network was given",
        "6 × 8 cells",
        "steps 20 (Images between the baseline and the film); seed 7 (Where the random numbers start)",
        "Measured relus 12",
        "Measured: completeness gap 0.00312.",
        "mass 0.6",
    ):
        assert words in text
    assert "gap 0.5" not in text  # of a finding that is not shown


def test_that_a_layer_is_named_as_it_was_asked_for_and_found(report, tmp_path):
    layers = {"asked_layer": "last", "layer": "features.norm5"}
    report.analyses = [by("gradcam", report.analyses[0], **layers)]
    text = text_of(report, tmp_path)
    assert "activation-based: made of the features of a layer, on its coarser grid" in text
    assert "layer features.norm5" in text
    assert "layer last (The layer whose features are weighed" in text


def test_that_a_report_says_what_speaks_against_a_method(report, tmp_path):
    report.analyses = [by("poor", report.analyses[0])]
    text = text_of(report, tmp_path)
    assert AGNOSTIC in text
    assert f"{UNADVISED} It does not change with the weights (Nobody et al. 2020)." in text


def test_that_what_the_sanity_of_a_method_says_already_is_not_said_twice(monkeypatch):
    sanity = "Fails weight randomisation: it does not change (Nobody et al. 2020)."
    poor = replace(catalogue.CATALOGUE["poor"], sanity=sanity)
    monkeypatch.setitem(catalogue.CATALOGUE, "poor", poor)
    assert cautions("poor") == (AGNOSTIC, sanity)


@pytest.mark.parametrize("method", ["gradcam", "slow", "of another version"])
def test_that_nothing_is_said_against_other_methods(method):
    assert cautions(method) == ()


def test_that_an_analysis_by_a_method_of_another_version_is_told_with_its_own_words(report):
    rows = dict(method_rows(by("new", report.analyses[0], strength=0.25, sharp=True)))
    assert rows["Method"] == "new"
    assert rows["Measured"] == "sharp yes, strength 0.25"


@pytest.mark.parametrize("status", [MapStatus.EMPTY, MapStatus.FAILED])
def test_that_a_map_that_may_not_be_read_has_its_reason_and_no_picture(report, tmp_path, status):
    (heat, _), mapping = report.analyses[0].maps, report.analyses[0].maps[0].mapping
    nothing = SaliencyMap(
        heat.finding,
        "gradcam",
        np.zeros((1, 1), np.float32),
        mapping,
        status,
        "It is not a number.",
    )
    report.analyses = [replace(report.analyses[0], maps=(nothing,), hot_spots=())]
    path = report.write(tmp_path / "r.pdf")
    assert f"map {status.value}: It is not a number." in text_of(report, tmp_path)
    assert all(not page.images for page in pypdf.PdfReader(path).pages)


def test_that_every_analysis_of_an_image_is_told_and_the_image_once(report, tmp_path):
    plain = report.analyses[0]
    report.analyses = [plain, by("slow", plain).only("Opacity"), by("slow", plain).only("Effusion")]
    text = text_of(report, tmp_path)
    assert "Image · Grad-CAM" in text
    assert text.count("Image · Slow Gradients") == 2
    for finding in ("Opacity", "Effusion"):
        assert f"Slow Gradients, asked for {finding} alone" in text
    assert text.count("Pixel SHA-256") == 1
    assert text.count("0.818 0.500 at or above") == 1  # the predictions
    assert "of 4 hot spots judged" in text


def test_that_images_are_counted_and_not_their_analyses(report, another_film, tmp_path):
    another_film()
    report.analyses.append(by("slow", report.analyses[0]).only("Opacity"))
    text = text_of(report, tmp_path)
    assert text.index("Image 1 of 2 · Slow Gradients") < text.index("Image 2 of 2 · Grad-CAM")


def test_that_predictions_are_told_again_where_another_pass_printed_others(report, tmp_path):
    plain = report.analyses[0]
    other = tuple(replace(p, probability=p.probability - 0.01) for p in plain.predictions)
    report.analyses.append(by("slow", replace(plain, predictions=other)))
    text = text_of(report, tmp_path)
    assert "Opacity 0.818 0.500 at or above" in text
    assert "Opacity 0.808 0.500 at or above" in text


def test_that_a_hot_spot_that_two_analyses_show_counts_once(report, tmp_path):
    report.analyses.append(report.analyses[0].only("Opacity"))
    report.judge("one")
    assert "1 of 2 hot spots judged" in text_of(report, tmp_path)
