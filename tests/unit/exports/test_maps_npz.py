import numpy as np
import pytest
from scipy import ndimage

from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus, SaliencyMap
from radsal.exports import write_map

RAW = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)


def written(path, saliency, shape):
    write_map(path, saliency, shape)
    with np.load(path) as file:
        assert set(file.files) == {"map", "image_map"}
        return file["map"], file["image_map"]


@pytest.mark.parametrize("transposed", [False, True])
def test_that_the_map_is_raw_and_signed_with_rows_along_the_rows_of_the_image(tmp_path, transposed):
    mapping = GridMapping(10, 0, 12, 0, transposed)
    saliency = SaliencyMap("Opacity", "gradcam", RAW.copy(), mapping, MapStatus.OK)
    native, _ = written(tmp_path / "m.npz", saliency, (70, 84))
    assert native.dtype == np.float32
    assert native.min() < 0
    np.testing.assert_array_equal(native, RAW.T if transposed else RAW)


def test_that_the_map_at_image_size_agrees_with_scipy_and_is_zero_where_nothing_was_seen(
    tmp_path,
):
    mapping = GridMapping(8, 6, 9, -4)  # margins above and below, cut at the left
    saliency = SaliencyMap("Opacity", "gradcam", RAW.copy(), mapping, MapStatus.OK)
    _, full = written(tmp_path / "m.npz", saliency, (52, 61))
    assert full.dtype == np.float32
    assert full.shape == (52, 61)
    rows, columns = np.mgrid[0:52, 0:61] + 0.5
    places = [(rows - 6) / 8 - 0.5, (columns + 4) / 9 - 0.5]
    wanted = ndimage.map_coordinates(RAW.astype(float), places, order=1, mode="nearest")
    seen = (rows > 6) & (rows < 46) & (columns < 59)
    np.testing.assert_allclose(full, np.where(seen, wanted, 0), atol=1e-5)


def test_that_an_empty_map_is_written_as_it_is(tmp_path):
    values = -np.ones((2, 2), np.float32)
    saliency = SaliencyMap(
        "Opacity", "gradcam", values, GridMapping(5, 0, 5, 0), MapStatus.EMPTY, "nothing positive"
    )
    native, full = written(tmp_path / "m.npz", saliency, (10, 10))
    assert (native == -1).all()
    assert (full == -1).all()
