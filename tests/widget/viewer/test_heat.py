"""The heat layer: over the right pixels, above the threshold only, nothing for an empty map."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from radsal.app.viewer.heat import HeatLook, HeatMap, heat_colours
from radsal.app.viewer.placement import Placement
from radsal.core import colormaps
from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus
from radsal.core.rules import DisplayRule, Scale, Sign

LOOK = HeatLook("viridis", 0.5, 0.25, 1.0)


def rgba(heat: HeatMap, placement: Placement, look: HeatLook, *, native: bool = True):
    """Red, green, blue and alpha of each device pixel of the view; not premultiplied."""
    image, (y, x) = heat.image(placement, look, native_grid=native)
    out = np.zeros((*placement.view, 4), np.uint8)
    if not image.isNull():
        picture = image.convertToFormat(QImage.Format.Format_RGBA8888)
        flat = np.frombuffer(picture.constBits(), np.uint8)
        shown = flat.reshape(picture.height(), picture.bytesPerLine() // 4, 4)
        out[y : y + picture.height(), x : x + picture.width()] = shown[:, : picture.width()]
    return out


def alpha(heat: HeatMap, placement: Placement, look: HeatLook = LOOK, *, native: bool = True):
    """Alpha of each device pixel of the view."""
    return rgba(heat, placement, look, native=native)[..., 3]


def boxes(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0, 3.7])
@pytest.mark.parametrize("transposed", [False, True])
def test_that_a_hot_cell_lies_over_its_own_image_pixels(make, zoom, transposed) -> None:
    """One cell of 8 x 6 over a film of 320 x 120: cell (1, 4) is rows 40-80, columns 80-100."""
    grid = np.zeros((8, 6), np.float32)
    grid[1, 4] = 1
    mapping = GridMapping(40.0, 0.0, 20.0, 0.0, transposed)
    heat = HeatMap(make.map(grid.T.copy() if transposed else grid, mapping=mapping))
    placement = Placement.of((320, 120), (700, 500), zoom, (60, 90))
    got = boxes(alpha(heat, placement) > 0)
    y0, x0 = placement.to_view(40, 80)
    y1, x1 = placement.to_view(80, 100)
    assert np.abs(np.subtract(got, (y0, x0, y1, x1))).max() <= 1


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0])
def test_that_a_smooth_map_peaks_where_its_cell_has_its_middle(make, zoom) -> None:
    grid = np.zeros((8, 6), np.float32)
    grid[5, 1] = 1
    heat = HeatMap(make.map(grid, mapping=GridMapping(40.0, 0.0, 20.0, 0.0)))
    placement = Placement.of((320, 120), (1000, 500), zoom)
    got = boxes(alpha(heat, placement, HeatLook("gray", 1.0, 0.9, 1.0), native=False) > 0)
    middle = placement.to_view(5.5 * 40, 1.5 * 20)
    assert (got[0] + got[2]) / 2 == pytest.approx(middle[0], abs=1)
    assert (got[1] + got[3]) / 2 == pytest.approx(middle[1], abs=1)


def test_that_nothing_is_drawn_where_the_network_never_saw_the_film(make) -> None:
    """A centre crop: the grid covers rows 60-180 and columns 20-100 only, and is hot all over."""
    heat = HeatMap(make.map(np.ones((4, 4)), mapping=GridMapping(30.0, 60.0, 20.0, 20.0)))
    placement = Placement.of((240, 120), (240, 120), 1.0)
    for native in (True, False):
        assert boxes(alpha(heat, placement, native=native) > 0) == (60, 20, 180, 100)


GRID = (11, 9)  # one cell on each pixel of a film of that size


def evidence(values: np.ndarray, sign: Sign) -> np.ndarray:
    """As said in words: what speaks for, what speaks against, or either, by its size."""
    values = values.astype(np.float64)
    against, favour = np.where(values < 0, -values, 0.0), np.where(values > 0, values, 0.0)
    return {Sign.POSITIVE: favour, Sign.NEGATIVE: against, Sign.BOTH: against + favour}[sign]


def end_of_scale(rule: DisplayRule, values: np.ndarray, others: list[np.ndarray]) -> float:
    """The same for the end of the colours: sorted and counted instead of called."""
    own = np.sort(evidence(values, rule.sign)[evidence(values, rule.sign) > 0])
    if rule.scale is Scale.SHARED:
        return max(float(evidence(one, rule.sign).max()) for one in (values, *others))
    if rule.scale is Scale.MAP:
        return float(own[-1])
    place = 0.99 * (own.size - 1)  # linear between the two nearest, as usual
    low, high = own[int(place)], own[min(int(place) + 1, own.size - 1)]
    return float(low + (high - low) * (place - int(place)))


RULES = [DisplayRule(scale, sign) for scale in Scale for sign in Sign]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.scale}, {rule.sign}")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    percents=st.integers(0, 100),
    spread=st.sampled_from([1.0, 1e-42, 1e30]),
)
def test_that_exactly_the_evidence_from_the_threshold_on_is_drawn_in_its_own_colour(
    make, rule, seed, percents, spread
) -> None:
    """Each pixel against the rule in words: drawn or not, one opacity, the colour of its share."""
    random = np.random.default_rng(seed)
    values, *others = (random.normal(size=(3, *GRID)) * spread).astype(np.float32)
    saliency, *beside = (
        make.map(one, mapping=GridMapping(1.0, 0.0, 1.0, 0.0), finding=str(number))
        for number, one in enumerate((values, *others))
    )
    shown = rule.applied(saliency, (saliency, *beside))
    assert shown.top == pytest.approx(end_of_scale(rule, values, others), rel=1e-5)
    look = HeatLook("inferno", 0.6, percents / 100, shown.top, rule.sign)
    drawn = rgba(HeatMap(saliency), Placement.of(GRID, GRID, 1.0), look).astype(int)

    share = evidence(values, rule.sign) / shown.top
    doubtful = np.abs(share - look.threshold) < 3e-6  # float32
    wanted = (share >= look.threshold) & (share >= 1e-3)
    clear = ~doubtful & (np.abs(share - 1e-3) > 3e-6)
    np.testing.assert_array_equal((drawn[..., 3] > 0)[clear], wanted[clear])
    seen = drawn[..., 3] > 0
    assert set(np.unique(drawn[seen][:, 3])) <= {153}  # 0.6 of 255
    favour = colormaps.table("warm" if rule.sign is Sign.BOTH else "inferno")
    both = np.where((values > 0)[..., None, None], favour, colormaps.table("cold"))
    place = np.rint(255 * np.minimum(share, 1)).astype(int)[..., None, None]
    near = [np.clip(place + off, 0, 255) for off in (-1, 0, 1)]  # a step is a thousandth
    colours = np.stack([np.take_along_axis(both, at, axis=2)[:, :, 0] for at in near])
    apart = np.abs(colours.astype(int) - drawn[..., :3]).max(axis=-1).min(axis=0)
    assert apart[seen].max(initial=0) <= 2  # premultiplied in 8 bits


@pytest.mark.parametrize("native", [True, False])
def test_that_evidence_against_is_in_no_pixel_drawn_as_evidence_for(make, native) -> None:
    """The same map turned round is drawn in the other sign's colours, pixel by pixel."""
    values = np.random.default_rng(4).normal(size=(7, 7)).astype(np.float32)
    placement, look = Placement.of((70, 70), (140, 140), 2.0), HeatLook("inferno", 1.0, 0.2, 2.0)
    against = replace(look, sign=Sign.NEGATIVE)
    one, other = (HeatMap(make.map(v, shape=(70, 70))) for v in (values, -values))
    favour_is = alpha(one, placement, look, native=native) > 0
    against_is = alpha(one, placement, against, native=native) > 0
    assert favour_is.any()
    assert against_is.any()
    assert not (favour_is & against_is).any()
    turned_round = alpha(other, placement, against, native=native) > 0
    np.testing.assert_array_equal(turned_round, favour_is)
    both = rgba(one, placement, replace(look, sign=Sign.BOTH), native=native).astype(int)
    np.testing.assert_array_equal(both[..., 3] > 0, favour_is | against_is)
    assert (both[favour_is][:, 0] > both[favour_is][:, 2]).all()  # orange: more red than blue
    assert (both[against_is][:, 2] > both[against_is][:, 0]).all()


def test_that_the_opacity_is_the_same_everywhere_above_the_threshold(make) -> None:
    grid = np.linspace(-1, 1, 48, dtype=np.float32).reshape(8, 6)
    shown = alpha(HeatMap(make.map(grid, shape=(8, 6))), Placement.of((8, 6), (8, 6), 1.0))
    assert set(np.unique(shown)) == {0, 128}  # half of 255


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.scale}, {rule.sign}")
@pytest.mark.parametrize("status", [MapStatus.EMPTY, MapStatus.FAILED])
def test_that_a_map_that_is_not_ok_draws_nothing_for_the_finding(make, status, rule) -> None:
    grid = np.linspace(-1, -0.5, 16).reshape(4, 4)
    saliency = make.map(grid if status is MapStatus.EMPTY else grid * 0, status=status)
    other = make.map([[1.0]], finding="Effusion")
    shown = rule.applied(saliency, (saliency, other))
    look = HeatLook("viridis", 1.0, 0.0, shown.top, rule.sign)
    drawn = rgba(HeatMap(saliency), Placement.of((64, 48), (64, 48), 1.0), look).astype(int)
    if status is MapStatus.FAILED or rule.sign is Sign.POSITIVE:
        assert not drawn.any()
    else:  # what it has against the finding, in the colours of that
        assert (drawn[..., 2] > drawn[..., 0])[drawn[..., 3] > 0].all()
        assert drawn[..., 3].min() == 255


@pytest.mark.parametrize("sign", Sign)
def test_that_a_map_with_the_same_value_everywhere_is_not_stretched(make, sign) -> None:
    flat = make.map(np.full((4, 4), -1e-7))
    assert DisplayRule(sign=sign).applied(flat).top == 0


@pytest.mark.parametrize("name", colormaps.NAMES)
def test_that_the_ends_of_the_scale_have_the_colours_of_the_table(name) -> None:
    colours = heat_colours(HeatLook(name, 1.0, 0.0, 1.0))
    red, green, blue = colormaps.table(name)[-1]
    assert int(colours[-1]) == 0xFF000000 | int(red) << 16 | int(green) << 8 | int(blue)
    assert not colours[: len(colours) // 2 + 1].any()  # no evidence, and what is against, is none


@pytest.mark.parametrize("sign", Sign)
def test_that_no_colour_is_brighter_than_its_alpha(sign) -> None:
    """Premultiplied colours beyond their alpha overflow when Qt blends them."""
    for opacity in (0.01, 0.33, 0.45, 1.0):
        colours = heat_colours(HeatLook("inferno", opacity, 0.1, 1.0, sign))
        for shift in (0, 8, 16):
            assert ((colours >> shift & 0xFF) <= (colours >> 24)).all()


def test_that_a_lower_threshold_on_the_same_place_shows_more(make) -> None:
    heat = HeatMap(make.map(np.linspace(0, 1, 48).reshape(8, 6), shape=(8, 6)))
    placement = Placement.of((8, 6), (8, 6), 1.0)
    counts = [
        np.count_nonzero(alpha(heat, placement, HeatLook("gray", 0.5, threshold, 1.0)))
        for threshold in (0.9, 0.1, 0.5)
    ]
    assert counts[0] < counts[2] < counts[1]


def test_that_the_native_grid_and_the_smooth_map_are_told_apart_on_one_layer(make) -> None:
    heat = HeatMap(make.map([[0, 1], [0, 0]], shape=(40, 40)))
    placement = Placement.of((40, 40), (40, 40), 1.0)
    cells = alpha(heat, placement, native=True)
    smooth = alpha(heat, placement, native=False)
    assert boxes(cells > 0) == (0, 20, 20, 40)
    assert not np.array_equal(cells, smooth)
    assert np.array_equal(alpha(heat, placement, native=True), cells)
