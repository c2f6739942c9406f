"""Hot spots against closed forms and scikit-image."""

import hashlib
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from skimage import measure

from radsal.core.geometry import GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import HotSpot, MapStatus, SaliencyMap
from radsal.hotspots.contours import signed_area, simplify
from radsal.hotspots.find import find_hot_spots
from radsal.hotspots.parameters import HotSpotParameters
from radsal.hotspots.surface import threshold

IMAGE = ImageIdentity("1.2.3", 1, "a" * 64)
MODEL = ModelIdentity("test-model", "b" * 64)


def saliency(
    values: Any, shape: tuple[int, int], mapping: GridMapping | None = None
) -> SaliencyMap:
    raw = np.array(values, dtype=np.float32)
    status = MapStatus.OK if (raw > 0).any() else MapStatus.EMPTY
    mapping = mapping or GridMapping.stretch(raw.shape, shape)
    return SaliencyMap("Opacity", "gradcam", raw, mapping, status)


def find(values: Any, shape: tuple[int, int], **parameters: Any) -> tuple[HotSpot, ...]:
    mapping = parameters.pop("mapping", None)
    chosen = HotSpotParameters(**parameters)
    return find_hot_spots(
        saliency(values, shape, mapping), shape, image=IMAGE, model=MODEL, parameters=chosen
    )


def gaussian(
    shape: tuple[int, int], centre: tuple[float, float], sigma: float, mass: float = 1.0
) -> NDArray[np.float64]:
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    square = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2
    return mass * np.exp(-square / (2 * sigma**2)) / (2 * np.pi * sigma**2)


# --- closed forms ---------------------------------------------------------------------------


@pytest.mark.parametrize("mass", [0.3, 0.6, 0.9])
def test_that_a_gaussian_is_cut_at_the_circle_that_holds_the_mass(mass: float) -> None:
    shape, centre, sigma = (400, 300), (180.0, 140.0), 30.0
    (spot,) = find(gaussian(shape, centre, sigma), shape, mass=mass)
    # A Gaussian holds the mass m within the radius sigma * sqrt(-2 ln(1 - m)).
    radius = sigma * np.sqrt(-2 * np.log(1 - mass))
    away = np.hypot(spot.contour[:, 0] - centre[0], spot.contour[:, 1] - centre[1])
    assert np.abs(away - radius).max() < 0.5
    assert spot.area == pytest.approx(np.pi * radius**2, rel=0.01)
    assert spot.share == pytest.approx(mass, abs=0.005)
    assert np.hypot(spot.peak[0] - centre[0], spot.peak[1] - centre[1]) < 1
    box = np.array(spot.box.as_list())
    expected = [centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius]
    assert np.abs(box - expected).max() < 1.5


def test_that_blobs_are_ranked_by_their_known_masses() -> None:
    shape = (500, 500)
    centres = {0.5: (120.0, 130.0), 0.3: (350.0, 120.0), 0.2: (260.0, 380.0)}
    values = sum(gaussian(shape, c, 25.0, m) for m, c in centres.items())
    spots = find(values, shape, mass=0.7)
    assert [spot.rank for spot in spots] == [1, 2, 3]
    for spot, centre in zip(spots, centres.values(), strict=True):
        assert np.hypot(spot.peak[0] - centre[0], spot.peak[1] - centre[1]) < 1
    # The same width and one threshold t: a blob of mass m holds m - 2 pi sigma^2 t of it.
    lost = [m - s.share for m, s in zip(centres, spots, strict=True)]
    assert lost == pytest.approx([0.1] * 3, abs=0.003)


def test_that_the_area_of_a_ring_leaves_out_its_hole() -> None:
    shape = (500, 500)
    rows, columns = np.mgrid[:500, :500] + 0.5
    away = np.hypot(rows - 250, columns - 250)
    ring = np.where((away > 100) & (away < 150), 1.0, 0.0)
    (spot,) = find(ring, shape, mass=0.99)
    assert spot.area == pytest.approx(np.pi * (150**2 - 100**2), rel=0.01)
    assert abs(signed_area(spot.contour.astype(float))) == pytest.approx(np.pi * 150**2, rel=0.01)


def test_that_a_half_circle_at_the_border_is_closed_along_the_border() -> None:
    shape = (400, 400)
    (spot,) = find(gaussian(shape, (0.0, 200.0), 40.0), shape)
    radius = 40 * np.sqrt(-2 * np.log(0.4))
    assert spot.area == pytest.approx(np.pi * radius**2 / 2, rel=0.01)
    assert spot.contour[:, 0].min() == 0
    assert (spot.contour[0] == spot.contour[-1]).all()
    assert spot.box.r0 == 0


@pytest.mark.parametrize("shape", [(600, 600), (900, 300), (64, 64)])
def test_that_a_region_that_fills_the_image_is_the_image(shape: tuple[int, int]) -> None:
    values = np.ones((4, 4))
    values[1, 1] = 1.001
    (spot,) = find(values, shape, mass=0.999)
    assert spot.box.as_list() == [0, 0, *shape]
    assert spot.area == pytest.approx(shape[0] * shape[1], rel=0.01)


def test_that_one_hot_native_cell_of_a_coarse_grid_peaks_at_its_centre() -> None:
    values = np.zeros((7, 7))
    values[2, 5] = 1.0
    (spot,) = find(values, (1400, 1120))
    assert spot.peak == pytest.approx((500, 880))
    assert spot.contour[:, 0].mean() == pytest.approx(500, abs=5)


# --- scikit-image ---------------------------------------------------------------------------


def test_that_a_plateau_one_rounding_error_above_another_is_parted_from_it() -> None:
    values = np.zeros((60, 50), np.float32)
    values[20:32, 10:30] = np.nextafter(np.float32(1), np.float32(0))
    values[20:32, 10:22] = 1
    (spot,) = find(values, (60, 50), mass=0.5)
    assert spot.area == pytest.approx(11.5 * 11, abs=0.5)
    assert spot.contour.max(0) == pytest.approx([31.5, 22.0], abs=0.5)


def fine_surface(values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float64]:
    """SciPy's bilinear surface at four points per image pixel along each axis."""
    points = [
        (np.arange(4 * n) + 0.5) / (4 * n) * cells - 0.5
        for n, cells in zip(shape, values.shape, strict=True)
    ]
    places = np.meshgrid(*points, indexing="ij")
    return ndimage.map_coordinates(values.astype(float), places, order=1, mode="nearest")


def fine_level(surface: NDArray[np.float64], mass: float) -> float:
    """The lowest of the smallest set of highest values that holds the mass."""
    falling = np.sort(surface.ravel())[::-1]
    return falling[np.searchsorted(np.cumsum(falling), mass * falling.sum())]


@pytest.mark.parametrize("grid", [(9, 8), (7, 7), (40, 36)])
def test_that_contours_are_those_of_scikit_image(grid: tuple[int, int]) -> None:
    noise = np.random.default_rng(5).normal(size=grid)
    smooth = np.pad(ndimage.gaussian_filter(noise, grid[0] / 20)[1:-1, 1:-1], 1)
    values = np.maximum(smooth, 0).astype(np.float32)
    shape = (360, 320)
    surface = fine_surface(values, shape)
    lines = [(line + 0.5) / 4 for line in measure.find_contours(surface, fine_level(surface, 0.6))]
    spots = find(values, shape)
    assert spots
    for spot in spots:
        nearest = min(
            np.abs(np.hypot(*(line[:, None] - spot.contour[None]).transpose(2, 0, 1)).min(0)).max()
            for line in lines
        )
        assert nearest < 0.75  # a quarter of a working pixel


@pytest.mark.parametrize("grid", [(10, 10), (7, 7), (28, 20)])
def test_that_regions_are_those_of_scikit_image(grid: tuple[int, int]) -> None:
    noise = np.random.default_rng(6).normal(size=grid)
    values = np.maximum(ndimage.gaussian_filter(noise, grid[0] / 20), 0).astype(np.float32)
    shape = (300, 300)
    spots = find(values, shape)
    surface = fine_surface(values, shape)
    inside = surface >= fine_level(surface, 0.6)
    regions = measure.regionprops(measure.label(inside, connectivity=1), surface)
    found = sorted(
        ((r.intensity_mean * r.area / surface.sum(), r.area / 16) for r in regions), reverse=True
    )
    found = [(share, area) for share, area in found if share >= 0.02]
    assert [spot.share for spot in spots] == pytest.approx([s for s, _ in found], abs=0.004)
    assert [spot.area for spot in spots] == pytest.approx([a for _, a in found], rel=0.02, abs=4)


# --- geometry -------------------------------------------------------------------------------


def test_that_a_transposed_grid_is_turned_upright() -> None:
    values = np.zeros((8, 4))
    values[6, 1] = 1.0
    mapping = GridMapping(100.0, 0.0, 50.0, 0.0, transposed=True)
    (spot,) = find(values, (400, 400), mapping=mapping)
    assert spot.peak == pytest.approx((150, 325))


def test_that_what_the_network_never_saw_holds_no_hot_spot() -> None:
    mapping = GridMapping(50.0, 100.0, 50.0, 100.0)  # a crop of the middle
    spots = find(np.ones((4, 4)) + np.eye(4), (400, 400), mapping=mapping)
    assert spots
    for spot in spots:
        assert spot.contour.min() >= 99
        assert spot.contour.max() <= 301


@pytest.mark.parametrize("scale", [50.0, 47.3, 3.1])
def test_that_a_grid_that_reaches_beyond_the_image_is_cut_at_its_border(scale: float) -> None:
    shape = (280, 190)
    mapping = GridMapping(scale, -60.0, scale, -71.3)  # as behind a padded input
    cells = [int(np.ceil((side + 140) / scale)) for side in shape]
    values = np.ones(cells)
    values[cells[0] // 2, cells[1] // 2] = 1.001
    (spot,) = find(values, shape, mapping=mapping, mass=0.999)
    assert spot.box.as_list() == [0, 0, *shape]
    assert spot.area == pytest.approx(shape[0] * shape[1], rel=1e-6)
    assert spot.share == pytest.approx(1)


def test_that_beyond_the_outermost_cells_the_nearest_counts_as_far_as_the_network_saw() -> None:
    values = np.zeros((4, 4))
    values[0, 1:3] = 1.0
    mapping = GridMapping(40.0, 70.0, 50.0, 50.0, reach=(10.0, 20.0, 290.0, 280.0))
    (spot,) = find(values, (300, 300), mapping=mapping, mass=0.9)
    assert spot.contour[:, 0].min() == 10
    assert spot.peak == (90.0, 125.0)
    # 1 from row 10 to the cells' centres at 90, then down to 0 at 130; likewise to both sides
    level = 1 - (spot.contour[:, 0].max() - 90) / 40
    assert spot.contour[:, 1].min() == pytest.approx(125 - 50 * (1 - level), abs=1)
    assert spot.contour[:, 1].max() == pytest.approx(175 + 50 * (1 - level), abs=1)


def test_that_negative_values_neither_count_nor_hold_back() -> None:
    values = gaussian((64, 64), (20, 20), 6.0)
    against = gaussian((64, 64), (50, 50), 6.0)
    (alone,) = find(values, (640, 640))
    (both,) = find(values - 5 * np.where(against > 1e-5, against, 0), (640, 640))
    assert both.share == pytest.approx(alone.share, abs=0.005)
    assert both.area == pytest.approx(alone.area, rel=0.01)


# --- the rule -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [MapStatus.EMPTY, MapStatus.FAILED])
def test_that_a_map_that_may_not_be_read_has_no_hot_spots(status: MapStatus) -> None:
    raw = np.full((7, 7), -1.0 if status is MapStatus.EMPTY else 0.0, dtype=np.float32)
    mapping = GridMapping.stretch((7, 7), (100, 100))
    unreadable = SaliencyMap("Opacity", "gradcam", raw, mapping, status, "no reason")
    assert find_hot_spots(unreadable, (100, 100), image=IMAGE, model=MODEL) == ()


def test_that_regions_with_a_small_share_are_left_out() -> None:
    shape = (300, 300)
    values = gaussian(shape, (80, 80), 20, 0.97) + gaussian(shape, (220, 220), 8, 0.03)
    assert len(find(values, shape, mass=0.95, minimum_share=0.0)) == 2
    assert len(find(values, shape, mass=0.95, minimum_share=0.05)) == 1


def test_that_there_are_never_more_than_the_most() -> None:
    rng = np.random.default_rng(0)
    spots = find(rng.random((200, 200)), (800, 800), minimum_share=0.0, most=5)
    assert [spot.rank for spot in spots] == [1, 2, 3, 4, 5]


def test_that_touching_corners_do_not_join_regions() -> None:
    values = np.zeros((8, 8))
    values[2, 2] = values[3, 3] = 1.0
    spots = find(np.kron(values, np.ones((32, 32))), (256, 256))
    assert len(spots) == 2
    for spot in spots:
        assert spot.area == pytest.approx(32 * 32, rel=0.1)


@given(
    st.integers(1, 12), st.integers(1, 12), st.integers(1, 700), st.integers(1, 700),
    st.integers(0, 2**32 - 1), st.floats(0.05, 0.95),
)  # fmt: skip
def test_that_any_map_gives_sound_hot_spots(
    h: int, w: int, rows: int, columns: int, seed: int, mass: float
) -> None:
    values = np.random.default_rng(seed).normal(size=(h, w)).astype(np.float32)
    spots = find(values, (rows, columns), mass=mass)
    assert len({spot.id for spot in spots}) == len(spots)
    assert [spot.rank for spot in spots] == list(range(1, len(spots) + 1))
    assert [s.share for s in spots] == sorted((s.share for s in spots), reverse=True)
    assert sum(spot.share for spot in spots) <= 1 + 1e-6
    for spot in spots:
        assert len(spot.contour) <= 400
        assert (spot.contour[0] == spot.contour[-1]).all()
        assert (spot.contour >= 0).all()
        assert (spot.contour <= [rows, columns]).all()
        assert 0 < spot.area <= rows * columns * (1 + 1e-6)
        assert 0 <= spot.peak[0] <= rows
        assert 0 <= spot.peak[1] <= columns
        r0, c0, r1, c1 = spot.box.as_list()
        assert 0 <= r0 < r1 <= rows
        assert 0 <= c0 < c1 <= columns


@given(
    st.lists(
        st.tuples(st.floats(0, 100, width=32), st.sampled_from([0.0, 0.25, 1.0])),
        min_size=1, max_size=60,
    ),
    st.floats(0.05, 0.95),
)  # fmt: skip
def test_that_the_threshold_leaves_the_smallest_set_that_holds_the_mass(
    pixels: list[tuple[float, float]], mass: float
) -> None:
    values = np.array([value for value, _ in pixels], dtype=np.float32)
    masses = values * np.array([area for _, area in pixels])
    level = threshold(values, masses, mass)
    total = masses.sum()
    if not total:
        assert level == 0
        return
    inside = values >= level
    assert masses[inside].sum() >= mass * total * (1 - 1e-6)
    fewer = values > values[inside].min()
    assert masses[fewer].sum() < mass * total * (1 + 1e-6)


# --- names ----------------------------------------------------------------------------------


def test_that_an_id_is_the_hash_of_what_the_hot_spot_belongs_to() -> None:
    values = np.zeros((7, 7))
    values[2, 5] = 1.0
    (spot,) = find(values, (1400, 1120))
    content = {
        "image": ["1.2.3", 1, "a" * 64],
        "model": "b" * 64,
        "finding": "Opacity",
        "method": "gradcam",
        "parameters": HotSpotParameters().plain(),
        "cell": [2, 5],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert spot.id == hashlib.sha256(text.encode()).hexdigest()[:12]


def test_that_every_part_of_the_identity_changes_the_id() -> None:
    values = np.zeros((7, 7))
    values[2, 5] = 1.0
    one = saliency(values, (100, 100))
    names = {
        find_hot_spots(one, (100, 100), image=image, model=model, method_parameters=extra)[0].id
        for image, model, extra in [
            (IMAGE, MODEL, None),
            (ImageIdentity("1.2.4", 1, "a" * 64), MODEL, None),
            (ImageIdentity("1.2.3", 2, "a" * 64), MODEL, None),
            (ImageIdentity("1.2.3", 1, "c" * 64), MODEL, None),
            (IMAGE, ModelIdentity("test-model", "c" * 64), None),
            (IMAGE, MODEL, {"layer": "layer4"}),
        ]
    } | {spot.id for spot in find(values, (100, 100), mass=0.5)}
    assert len(names) == 7


# --- contours -------------------------------------------------------------------------------


def test_that_simplifying_stays_within_the_tolerance() -> None:
    angle = np.linspace(0, 2 * np.pi, 4001)
    line = np.stack([np.sin(angle), np.cos(angle)], 1) * 200
    line[-1] = line[0]
    reduced = simplify(line, 0.25, 400)
    assert len(reduced) < 400
    assert (reduced[0] == reduced[-1]).all()
    finest = np.concatenate([np.linspace(a, b, 50) for a, b in pairwise(reduced)])
    assert np.abs(np.hypot(*finest.T) - 200).max() <= 0.25


def test_that_a_ragged_line_is_brought_below_the_most_points() -> None:
    rng = np.random.default_rng(0)
    angle = np.linspace(0, 2 * np.pi, 5001)
    line = np.stack([np.sin(angle), np.cos(angle)], 1) * (200 + rng.normal(size=(5001, 1)) * 20)
    line[-1] = line[0]
    assert 4 <= len(simplify(line, 0.25, 100)) <= 100


@pytest.mark.parametrize(
    "bad", [{"mass": 0.0}, {"mass": 1.0}, {"minimum_share": 1.0}, {"working_size": 4}, {"most": 0}]
)
def test_that_impossible_parameters_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"mass|impossible"):
        HotSpotParameters(**bad)
