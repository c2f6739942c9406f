import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from skimage.transform import resize

from radsal.core.geometry import Box, GridMapping

scales = st.floats(0.25, 60)
offsets = st.floats(-40, 40)
mappings = st.builds(GridMapping, scales, offsets, scales, offsets, st.booleans())
shapes = st.tuples(st.integers(1, 9), st.integers(1, 9))


def noise(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("corners", [(0, 0, 0, 1), (0, 0, 1, 0), (2, 0, 1, 1), (0, 3, 1, 2)])
def test_that_a_box_without_pixels_is_refused(corners):
    with pytest.raises(ValueError, match="empty box"):
        Box(*corners)


def test_that_a_box_is_listed_top_left_bottom_right():
    assert Box(r0=1, c0=2, r1=30, c1=40).as_list() == [1, 2, 30, 40]


@pytest.mark.parametrize(
    "numbers",
    [
        (0, 0, 1, 0),
        (1, 0, -1, 0),
        (float("nan"), 0, 1, 0),
        (1, float("nan"), 1, 0),
        (1, 0, 1, float("-inf")),
        (float("inf"), 0, 1, 0),
    ],
)
def test_that_a_mapping_that_leads_nowhere_is_refused(numbers):
    with pytest.raises(ValueError, match="grid scales"):
        GridMapping(*numbers)


def test_that_a_stretched_grid_agrees_with_scikit_image_at_every_pixel():
    grid = noise((7, 5))
    image = (91, 64)
    theirs = resize(grid.astype(np.float64), image, order=1, mode="edge", anti_aliasing=False)
    ours = GridMapping.stretch(grid.shape, image).resample(grid, image)
    assert ours.shape == image
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@given(mappings, shapes, st.integers(0, 5))
def test_that_samples_agree_with_scipy_where_the_grid_reaches_and_are_the_outside_elsewhere(
    mapping, shape, seed
):
    grid = noise(shape, seed)
    rows, columns = np.linspace(-50, 90, 23), np.linspace(-45, 97, 17)
    upright = grid.T if mapping.transposed else grid
    on_rows = (rows - mapping.row_offset) / mapping.row_scale
    on_columns = (columns - mapping.column_offset) / mapping.column_scale
    places = np.stack(np.meshgrid(on_rows - 0.5, on_columns - 0.5, indexing="ij"))
    theirs = ndimage.map_coordinates(
        upright.astype(np.float64), places, order=1, mode="nearest", prefilter=False
    )
    within = ((on_rows >= 0) & (on_rows <= upright.shape[0]))[:, None] & (
        (on_columns >= 0) & (on_columns <= upright.shape[1])
    )
    ours = mapping.sample(grid, rows, columns, outside=-7.0)
    np.testing.assert_allclose(ours, np.where(within, theirs, -7.0), atol=2e-5)


@given(mappings)
def test_that_a_plane_on_the_grid_is_the_same_plane_in_the_image(mapping):
    grid_row, grid_column = np.meshgrid(np.arange(6) + 0.5, np.arange(4) + 0.5, indexing="ij")
    image_row, image_column = mapping.to_image(grid_row, grid_column)
    plane = (3 * image_row - 2 * image_column + 5).astype(np.float32)
    rows = np.linspace(image_row.min(), image_row.max(), 11)
    columns = np.linspace(image_column.min(), image_column.max(), 13)
    wanted = 3 * rows[:, None] - 2 * columns + 5
    tolerance = 1e-4 * float(np.abs(plane).max() + 1)
    np.testing.assert_allclose(mapping.sample(plane, rows, columns), wanted, atol=tolerance)


def test_that_nothing_is_extrapolated_beyond_the_outermost_cell_centres():
    grid = np.array([[0, 10]], np.float32)
    row = GridMapping(4, 0, 4, 0).sample(grid, np.array([2.0]), np.array([0.0, 1, 2, 4, 6, 7, 8]))
    np.testing.assert_array_equal(row[0], np.array([0, 0, 0, 5, 10, 10, 10], np.float32))


def test_that_a_transposed_grid_runs_along_the_columns_of_the_image():
    grid = np.zeros((3, 2), np.float32)
    grid[2, 0] = 1  # the network's third column of the image, first row
    mapping = GridMapping(10, 0, 20, 0, transposed=True)
    assert mapping.to_image(2.5, 0.5) == (5, 50)
    image = mapping.resample(grid, (20, 60))
    assert np.unravel_index(image.argmax(), image.shape)[0] < 10
    assert np.unravel_index(image.argmax(), image.shape)[1] >= 40
    np.testing.assert_array_equal(mapping.upright(grid), grid.T)


@given(mappings, shapes, shapes)
def test_that_a_refined_grid_covers_the_same_area(mapping, old, new):
    refined = mapping.refine(old, new)
    for corner in ((0, 0), (1, 0), (0, 1), (1, 1)):
        before = mapping.to_image(corner[0] * old[0], corner[1] * old[1])
        after = refined.to_image(corner[0] * new[0], corner[1] * new[1])
        assert after == pytest.approx(before, rel=1e-9, abs=1e-9)


def test_that_samples_leave_the_grid_as_it_was():
    grid = noise((4, 4))
    before = grid.copy()
    GridMapping(2, 1, 2, 1).resample(grid, (12, 12))[:] = 99
    np.testing.assert_array_equal(grid, before)


def test_that_the_outermost_cells_stand_for_what_the_network_saw_beyond_them() -> None:
    grid = np.array([[1, 2], [3, 4]], np.float32)
    mapping = GridMapping(4, -2, 4, -2, reach=(0.0, 0.0, 8.0, 10.0))  # cells from -2 to 6
    rows, columns = np.array([-0.5, 0, 5.5, 7.9, 8.1]), np.array([0.0, 4, 9.9, 10.5])
    expected = [[9, 9, 9, 9], [1, 2, 2, 9], [3, 4, 4, 9], [3, 4, 4, 9], [9, 9, 9, 9]]
    np.testing.assert_array_equal(mapping.sample(grid, rows, columns, outside=9), expected)
    cells = mapping.cells(grid, rows, columns)
    np.testing.assert_array_equal(cells, np.where(np.array(expected) == 9, 0, expected))


def test_that_without_a_reach_the_network_saw_what_the_cells_cover() -> None:
    mapping = GridMapping(4, 1, 2, 3)
    assert mapping.reached((2, 5)) == (1, 3, 9, 13)
    assert mapping.within((2, 3), (0.5, -1)) == GridMapping(8, 3, 6, 1)
    turned = GridMapping(4, 1, 2, 3, transposed=True)
    assert turned.within((2, 3), (0.5, -1)) == GridMapping(12, -3, 4, 4, transposed=True)


@pytest.mark.parametrize("reach", [(0.0, 0.0, 0.0, 4.0), (0.0, 5.0, 4.0, 4.0), (0, 0, np.nan, 4)])
def test_that_an_impossible_reach_is_refused(reach: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"saw|finite"):
        GridMapping(1, 0, 1, 0, reach=reach)
