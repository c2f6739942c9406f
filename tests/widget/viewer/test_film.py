"""The gray layer against the grayscale chain, and its resampling against plain arithmetic."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from radsal.app.viewer.film import Film
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.stored import StoredValues
from radsal.app.viewer.thumbnail import thumbnail
from radsal.core.radiograph import (
    GrayscaleChain,
    LookupTable,
    PixelSpacing,
    Radiograph,
    Rescale,
    VoiFunction,
    VoiWindow,
)
from radsal.dicom.gray.grayscale import display

CURVE = LookupTable(100, 12, (np.linspace(0, 1, 500) ** 2 * 4095).astype(np.uint16))
CHAINS = {
    "plain": (GrayscaleChain(12, signed=False), VoiWindow(2000, 1500)),
    "monochrome1": (GrayscaleChain(12, signed=False, inverted=True), VoiWindow(1800, 900)),
    "signed, negative slope": (
        GrayscaleChain(12, signed=True, modality=Rescale(-2.0, 100.0)),
        VoiWindow(0, 3000, VoiFunction.SIGMOID),
    ),
    "padding, exact window": (
        GrayscaleChain(12, signed=False, padding=(4000, 4095)),
        VoiWindow(2000.5, 1111, VoiFunction.LINEAR_EXACT),
    ),
    "VOI LUT": (GrayscaleChain(12, signed=False, luts=(CURVE,)), CURVE),
}


def gray(image: QImage) -> np.ndarray:
    """The gray of each pixel, after a check that it is gray and opaque."""
    picture = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(picture.constBits(), np.uint8)
    pixels = flat.reshape(picture.height(), picture.bytesPerLine() // 4, 4)[:, : picture.width()]
    assert (pixels[..., :3] == pixels[..., :1]).all()
    assert (pixels[..., 3] == 255).all()
    return pixels[..., 0].copy()


def values(chain: GrayscaleChain, seed: int = 7) -> np.ndarray:
    low, high = chain.stored_range
    kind = np.int16 if chain.signed else np.uint16
    return np.random.default_rng(seed).integers(low, high + 1, (60, 45)).astype(kind)


@pytest.mark.parametrize("name", CHAINS)
def test_that_at_one_to_one_the_pixels_are_those_of_the_grayscale_chain(make, name) -> None:
    chain, voi = CHAINS[name]
    film = make.film(stored=values(chain), chain=chain)
    placement = Placement.of(film.shape, film.shape, 1.0)
    shown = gray(Film(film).image(placement, voi, inverted=False))
    assert np.array_equal(shown, display(film, voi))


def test_that_inverting_turns_the_polarity_and_leaves_padding_black(make) -> None:
    chain, voi = CHAINS["padding, exact window"]
    film = make.film(stored=values(chain), chain=chain)
    placement = Placement.of(film.shape, film.shape, 1.0)
    shown = gray(Film(film).image(placement, voi, inverted=True)).astype(int)
    padded = film.stored >= 4000
    assert padded.any()
    assert (shown[padded] == 0).all()
    assert np.abs(shown + display(film, voi).astype(int) - 255)[~padded].max() <= 1  # half up


def test_that_a_new_window_on_the_same_placement_is_shown(make) -> None:
    film = make.film()
    layer, placement = Film(film), Placement.of(film.shape, film.shape, 1.0)
    for voi in (VoiWindow(1000, 500), VoiWindow(3000, 100), VoiWindow(1000, 500)):
        shown = gray(layer.image(placement, voi, inverted=False))
        assert np.array_equal(shown, display(film, voi))


def test_that_no_window_leaves_the_stored_values_as_they_were(make) -> None:
    film = make.film()
    before = film.stored.tobytes()
    layer = Film(film)
    for zoom in (0.3, 1.0, 2.5):
        placement = Placement.of(film.shape, (80, 80), zoom)
        for width in (1, 10, 5000):
            layer.image(placement, VoiWindow(2000, width), inverted=True)
    assert film.stored.tobytes() == before
    assert not film.stored.flags.writeable


@pytest.mark.parametrize("zoom", [2, 3, 7])
def test_that_above_one_to_one_each_image_pixel_is_a_block_of_its_own_gray(make, zoom) -> None:
    film = make.film()
    view = film.shape[0] * zoom, film.shape[1] * zoom
    shown = gray(
        Film(film).image(
            Placement.of(film.shape, view, zoom), VoiWindow(2000, 3000), inverted=False
        )
    )
    blocks = np.kron(display(film, VoiWindow(2000, 3000)), np.ones((zoom, zoom), np.uint8))
    assert np.array_equal(shown, blocks)


def test_that_a_part_of_an_enlarged_film_is_the_same_as_in_the_whole(make) -> None:
    film, voi = make.film(), VoiWindow(2000, 3000)
    part = Placement.of(film.shape, (50, 40), 3.0, (30.0, 20.0))
    shown = gray(Film(film).image(part, voi, inverted=False))
    blocks = np.kron(display(film, voi), np.ones((3, 3), np.uint8))
    assert np.array_equal(shown, blocks[-part.top : 50 - part.top, -part.left : 40 - part.left])


# below 1:1 ---------------------------------------------------------------------------------------


def averages(film: Radiograph, zoom: float) -> np.ndarray:
    size = round(film.shape[0] * zoom), round(film.shape[1] * zoom)
    return StoredValues(film).at(Placement.of(film.shape, size, zoom)).astype(float)


@pytest.mark.parametrize("place", range(100, 108))
@pytest.mark.parametrize("axis", [0, 1])
def test_that_a_bright_line_one_pixel_wide_stays_in_sight_at_three_tenths(
    make, place, axis
) -> None:
    stored = np.zeros((300, 300), np.uint16)
    stored[(slice(None), place) if axis else place] = 4095
    small = averages(make.film(stored=stored), 0.3)
    profile = small.mean(axis=1 - axis)
    assert profile.max() > 0.14 * 4095  # an average over 3.3 pixels keeps 0.15 to 0.3 of one
    assert profile.sum() == pytest.approx(0.3 * 4095, rel=0.2)  # the film's light, nearly
    assert np.count_nonzero(profile > 1) <= 3  # and it is still a line


@pytest.mark.parametrize("zoom", [0.5, 0.25, 0.2, 0.1])
def test_that_the_film_is_neither_brighter_nor_darker_when_it_is_made_smaller(make, zoom) -> None:
    rows, columns = np.mgrid[0:400, 0:360]
    stored = (2000 + 900 * np.sin(rows / 37) * np.cos(columns / 29)).astype(np.uint16)
    small = averages(make.film(stored=stored), zoom)
    step = round(1 / zoom)
    boxes = stored.reshape(400 // step, step, 360 // step, step).mean(axis=(1, 3))
    assert small.shape == boxes.shape
    assert small.mean() == pytest.approx(stored.mean(), rel=1e-3)
    assert np.abs(small - boxes).max() < 40  # of 1800 from dark to bright


def test_that_noise_is_averaged_and_not_picked_from(make) -> None:
    stored = np.random.default_rng(3).integers(0, 4096, (600, 600)).astype(np.uint16)
    small = averages(make.film(stored=stored), 0.1)
    assert small.std() < 0.2 * stored.std()  # 100 pixels each: about a tenth


def test_that_averages_stay_between_the_values_they_are_made_of(make) -> None:
    stored = np.zeros((200, 200), np.uint16)
    stored[:, 100:] = 4095
    small = averages(make.film(stored=stored), 0.37)
    assert small.min() >= 0
    assert small.max() <= 4095


@pytest.mark.parametrize(("aspect", "size"), [(2.0, (48, 96)), (0.5, (80, 40)), (1.0, (80, 80))])
def test_that_a_thumbnail_keeps_the_proportions_of_the_pixels(make, aspect, size) -> None:
    film = make.film(stored=np.zeros((100, 100), np.uint16), spacing=PixelSpacing(aspect=aspect))
    picture = thumbnail(film, VoiWindow(2048, 4096), size=(80, 96))
    assert (picture.width(), picture.height()) == size


def test_that_a_thumbnail_is_the_whole_film_within_its_size(make) -> None:
    stored = np.zeros((300, 200), np.uint16)
    stored[:150, 100:] = 4095
    picture = thumbnail(make.film(stored=stored), VoiWindow(2048, 4096), size=(80, 96))
    assert (picture.width(), picture.height()) == (64, 96)
    shown = gray(picture)
    quarters = [shown[:46, :30], shown[:46, 34:], shown[50:, :30], shown[50:, 34:]]
    assert [round(float(q.mean())) for q in quarters] == [0, 255, 0, 0]
