from dataclasses import replace

import numpy as np
import pytest
from skimage.transform import resize

from radsal.core.colormaps import table
from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus, SaliencyMap
from radsal.exports import overlay_picture
from radsal.exports.pictures import in_proportion, legend_text, marked_film

SHAPE = (120, 160)
FILM = np.random.default_rng(4).integers(0, 256, SHAPE, dtype=np.uint8)


def noise_map(shape=(6, 8), image=SHAPE):
    values = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    return SaliencyMap(
        "Opacity", "gradcam", values, GridMapping.stretch(shape, image), MapStatus.OK
    )


def painted(saliency, threshold, opacity, colormap):
    """The same picture by scikit-image's interpolation and plain arithmetic."""
    shares = resize(
        saliency.values.astype(float), SHAPE, order=1, mode="edge", anti_aliasing=False
    ) / float(saliency.values.max())
    colour = table(colormap)[np.clip(shares * 255, 0, 255).astype(int)].astype(float)
    weight = np.where((shares >= threshold) & (shares > 0), opacity, 0)[..., None]
    return FILM[..., None] * (1 - weight) + colour * weight, shares


@pytest.mark.parametrize(("threshold", "opacity"), [(0.25, 0.45), (0.0, 1.0), (0.9, 0.2)])
@pytest.mark.parametrize("colormap", ["inferno", "viridis"])
def test_that_the_overlay_is_the_colour_of_the_share_over_the_film(threshold, opacity, colormap):
    saliency = noise_map()
    picture = np.asarray(
        marked_film(FILM, saliency, (), threshold=threshold, opacity=opacity, colormap=colormap)
    ).astype(float)
    wanted, shares = painted(saliency, threshold, opacity, colormap)
    off_the_edge = np.abs(shares - threshold) > 1e-5
    # one step of the table may go to either side: single against double precision
    assert np.abs(picture - wanted)[off_the_edge].max() <= 6
    assert np.abs(picture - wanted)[off_the_edge].mean() < 0.3


def test_that_only_what_is_positive_is_tinted_also_at_a_threshold_of_nothing():
    values = np.array([[-1, 0, 1], [0, 0, 0], [-1, -1, 0]], np.float32)
    mapping = GridMapping.stretch((3, 3), SHAPE)
    saliency = SaliencyMap("Opacity", "gradcam", values, mapping, MapStatus.OK)
    picture = np.asarray(marked_film(FILM, saliency, (), threshold=0, opacity=1))
    tinted = (picture != FILM[..., None]).any(axis=2)
    assert tinted[:20, 140:].all()
    assert not tinted[60:].any()
    assert not tinted[:, :80].any()


@pytest.mark.parametrize("status", [MapStatus.EMPTY, MapStatus.FAILED])
def test_that_a_map_that_may_not_be_read_leaves_the_film_and_the_legend_says_why(status):
    values = np.zeros((6, 8), np.float32)
    saliency = replace(noise_map(), values=values, status=status, reason="it gave no number")
    picture = np.asarray(overlay_picture(FILM, saliency, ()))
    np.testing.assert_array_equal(picture[:120], FILM[..., None].repeat(3, axis=2))
    assert picture.shape[0] > 120
    assert status.value in legend_text(saliency, 0.25)
    assert "it gave no number" in legend_text(saliency, 0.25)


def test_that_the_legend_names_the_rule_of_the_display_and_what_the_threshold_is_a_share_of():
    saliency = noise_map()
    assert legend_text(saliency, 0.25).endswith("per-map maximum · shown from 25% of it")


def test_that_without_a_map_there_is_no_legend():
    assert overlay_picture(FILM, None, ()).size == (160, 120)


def test_that_a_contour_and_its_number_lie_on_the_hot_spot_at_any_size(report):
    (spot, _) = report.analyses[0].hot_spots
    black = np.zeros((240, 320), np.uint8)  # the film at twice its size
    for longest, scale in ((320, 2), (160, 1)):
        picture = marked_film(black, None, [spot], image_shape=SHAPE, longest=longest)
        lit = np.asarray(picture.convert("L")) > 128
        rows, columns = np.flatnonzero(lit.any(1)), np.flatnonzero(lit.any(0))
        assert columns[0] == pytest.approx(80 * scale, abs=3)
        assert rows[-1] == pytest.approx(60 * scale, abs=3)
        assert not lit[26 * scale : 54 * scale, 86 * scale : 118 * scale].any()
        assert lit[:, 79 * scale : 81 * scale].any()


def test_that_the_active_hot_spot_has_a_colour_of_its_own(report):
    spots = report.analyses[0].hot_spots
    black = np.zeros(SHAPE, np.uint8)
    plain = np.asarray(marked_film(black, None, spots[:1])).astype(int)
    active = np.asarray(marked_film(black, None, spots[:1], active=spots[0].id)).astype(int)
    assert np.ptp(plain, axis=2).max() < 16  # gray
    assert np.ptp(active, axis=2).max() > 200


def test_that_a_long_legend_goes_on_in_further_lines_and_not_beyond_the_edge():
    words = overlay_picture(FILM, replace(noise_map(), finding="A"), ())
    long = overlay_picture(FILM, replace(noise_map(), finding="山" * 40), ())
    assert long.width == words.width
    assert long.height > words.height + 40
    right = np.asarray(long.convert("L"))[125:, -2:]
    assert right.max() < 40


def test_that_a_film_in_colour_keeps_its_colours_where_nothing_is_tinted():
    colours = np.random.default_rng(7).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    saliency = noise_map()
    picture = np.asarray(marked_film(colours, saliency, (), threshold=0.5))
    _, shares = painted(saliency, 0.5, 1, "gray")
    clear = shares < 0.499
    assert clear.any()
    np.testing.assert_array_equal(picture[clear], colours[clear])
    assert (picture[shares > 0.501] != colours[shares > 0.501]).any(axis=1).mean() > 0.9


@pytest.mark.parametrize(("aspect", "shape"), [(2.0, (240, 160)), (0.5, (120, 320))])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_that_pixels_that_are_not_square_are_drawn_out_and_the_contour_with_them(
    report, aspect, shape, channels
):
    (spot, _) = report.analyses[0].hot_spots  # rows 20 to 60 and columns 80 to 140
    film = in_proportion(np.zeros((*SHAPE, *channels), np.uint8), aspect)
    assert film.shape == (*shape, *channels)
    lit = np.asarray(marked_film(film, None, [spot], image_shape=SHAPE).convert("L")) > 128
    rows, columns = np.flatnonzero(lit.any(1)), np.flatnonzero(lit.any(0))
    assert columns[0] == pytest.approx(80 * shape[1] / 160, abs=4)
    assert rows[-1] == pytest.approx(60 * shape[0] / 120, abs=4)


def test_that_a_film_of_square_pixels_is_left_as_it_is():
    assert in_proportion(FILM, 1.0) is FILM


def test_that_a_large_film_is_made_smaller_and_a_small_one_is_left():
    large = np.zeros((3000, 1500), np.uint8)
    assert marked_film(large, None, (), longest=1000).size == (500, 1000)
    assert marked_film(FILM, None, (), longest=1000).size == (160, 120)
    assert marked_film(np.zeros((1, 4000), np.uint8), None, (), longest=100).size == (100, 1)
