"""Padding, shutter, colour, proportions and interpolation, against NumPy and Pillow."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from radsal.app.viewer import resample
from radsal.app.viewer.film import Film
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.resample import block_means, resampled
from radsal.core.planes import Shutter
from radsal.core.radiograph import GrayscaleChain, PixelSpacing, Radiograph, VoiWindow
from radsal.dicom.gray.grayscale import display, display_table

FULL = VoiWindow(2048, 4096)


def rgb(image: QImage) -> np.ndarray:
    picture = image.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(picture.constBits(), np.uint8)
    lines = flat.reshape(picture.height(), picture.bytesPerLine())[:, : 3 * picture.width()]
    return lines.reshape(picture.height(), picture.width(), 3).astype(int)


def shown(film: Radiograph, zoom: float, *, voi=FULL, inverted=False, **options) -> np.ndarray:
    """The whole film at a zoom: int, (height, width, RGB)."""
    aspect = film.spacing.aspect
    whole = Placement.of(film.shape, (4000, 4000), zoom, aspect=aspect)
    placement = Placement.of(film.shape, (whole.height, whole.width), zoom, aspect=aspect)
    return rgb(Film(film).image(placement, voi, inverted=inverted, **options))


# padding -----------------------------------------------------------------------------------------


@pytest.fixture
def padded(make):
    """A uniform film of 3000 with a border of padding 0, which is as far away as can be."""
    stored = np.zeros((300, 240), np.uint16)
    stored[31:269, 22:219] = 3000
    return make.film(stored=stored, chain=GrayscaleChain(12, signed=False, padding=(0, 0)))


@pytest.mark.parametrize("zoom", [0.2, 0.37, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("inverted", [False, True])
def test_that_padding_gives_the_film_no_halo(padded, zoom, inverted) -> None:
    gray = shown(padded, zoom, inverted=inverted)[..., 0]
    image = display_table(padded.chain, FULL, inverted=inverted)[3000]
    assert set(np.unique(gray)) == {0, image}
    assert (gray == image).mean() == pytest.approx(238 * 197 / (300 * 240), abs=0.02)


@pytest.mark.parametrize("smooth", [False, True])
def test_that_padding_gives_no_halo_when_it_is_enlarged(padded, smooth) -> None:
    gray = shown(padded, 3.0, smooth=smooth)[..., 0]
    blocks = np.kron(display(padded, FULL), np.ones((3, 3), int))
    assert np.array_equal(gray, blocks)


def test_that_a_mean_of_the_image_that_happens_to_be_the_padding_value_is_no_padding(make) -> None:
    stored = np.tile(np.array([[1000, 3000]], np.uint16), (64, 32))
    stored[:, :8] = 2000
    film = make.film(stored=stored, chain=GrayscaleChain(12, signed=False, padding=(2000, 2000)))
    gray = shown(film, 0.5)[..., 0]
    assert (gray[:, :4] == 0).all()
    assert (gray[:, 4:] == display_table(GrayscaleChain(12, signed=False), FULL)[2000]).all()


def test_that_a_film_without_padding_pixels_is_as_one_without_padding(make) -> None:
    stored = np.random.default_rng(2).integers(100, 4096, (90, 70)).astype(np.uint16)
    plain = make.film(stored=stored)
    stating = make.film(stored=stored, chain=GrayscaleChain(12, signed=False, padding=(0, 99)))
    assert np.array_equal(shown(plain, 0.4), shown(stating, 0.4))


def test_that_signed_padding_is_found(make) -> None:
    stored = np.full((40, 40), 500, np.int16)
    stored[:20] = -2048
    chain = GrayscaleChain(12, signed=True, padding=(-2048, -2048))
    gray = shown(make.film(stored=stored, chain=chain), 0.5, voi=VoiWindow(0, 4096))[..., 0]
    image = display_table(chain, VoiWindow(0, 4096))[2548]
    assert (gray[:10] == 0).all()
    assert (gray[10:] == image).all()


# shutter -----------------------------------------------------------------------------------------


@pytest.fixture
def shuttered(make):
    """A noisy film with white beyond a disc, which the shutter hides with a gray of 0.2."""
    rows, columns = np.mgrid[:200, :160]
    hidden = (rows - 100) ** 2 + (columns - 80) ** 2 > 70**2
    stored = np.random.default_rng(4).integers(900, 1100, (200, 160)).astype(np.uint16)
    stored[hidden] = 4095
    return make.film(stored=stored, shutter=Shutter(hidden, 0.2))


@pytest.mark.parametrize("zoom", [1, 2, 3])
@pytest.mark.parametrize("smooth", [False, True])
def test_that_the_shutter_is_exact_from_one_to_one_on(shuttered, zoom, smooth) -> None:
    gray = shown(shuttered, zoom, smooth=smooth)[..., 0]
    hidden = np.kron(shuttered.shutter.hidden, np.ones((zoom, zoom), bool))
    assert (gray[hidden] == 51).all()
    assert gray[~hidden].max() < 75  # 1100 of 4095 is 69; what is hidden is 255
    if not smooth:
        blocks = np.kron(display(shuttered, FULL), np.ones((zoom, zoom), int))
        assert np.array_equal(gray[~hidden], blocks[~hidden])


@pytest.mark.parametrize("zoom", [0.15, 0.4, 0.5, 0.9])
def test_that_nothing_hidden_bleeds_into_what_is_shown_below_one_to_one(shuttered, zoom) -> None:
    gray = shown(shuttered, zoom)[..., 0]
    assert (gray == 51).mean() == pytest.approx(shuttered.shutter.hidden.mean(), abs=0.03)
    assert gray.max() < 75


def test_that_no_window_and_no_polarity_changes_the_shutter(shuttered) -> None:
    hidden = shuttered.shutter.hidden
    for voi, inverted in ((VoiWindow(4095, 1), False), (VoiWindow(10, 5), True), (FULL, True)):
        gray = shown(shuttered, 1.0, voi=voi, inverted=inverted)[..., 0]
        assert (gray[hidden] == 51).all()


def test_that_without_the_shutter_the_whole_film_is_shown(shuttered, make) -> None:
    plain = make.film(stored=shuttered.stored)
    for zoom in (0.4, 1.0):
        assert np.array_equal(shown(shuttered, zoom, shutter=False), shown(plain, zoom))


# colour ------------------------------------------------------------------------------------------


@pytest.fixture
def coloured(make):
    stored = np.random.default_rng(6).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    return make.film(stored=stored)


def test_that_colours_are_those_of_the_file_at_one_to_one_and_blocks_above(coloured) -> None:
    assert np.array_equal(shown(coloured, 1.0), coloured.stored)
    blocks = np.kron(coloured.stored, np.ones((3, 3, 1), int))
    assert np.array_equal(shown(coloured, 3.0), blocks)


def test_that_colours_are_averaged_one_channel_at_a_time_below(coloured) -> None:
    boxes = coloured.stored.reshape(45, 2, 60, 2, 3).mean(axis=(1, 3))
    assert np.abs(shown(coloured, 0.5) - boxes).max() <= 0.5


def test_that_neither_window_nor_polarity_changes_a_colour(coloured) -> None:
    plain = shown(coloured, 0.7)
    assert np.array_equal(shown(coloured, 0.7, voi=VoiWindow(10, 2), inverted=True), plain)
    assert np.array_equal(shown(coloured, 0.7, voi=None), plain)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_that_a_shutter_covers_colours_too(make, zoom) -> None:
    stored = np.full((40, 40, 3), (10, 200, 30), np.uint8)
    hidden = np.zeros((40, 40), np.bool_)
    hidden[:20], stored[:20] = True, 255
    picture = shown(make.film(stored=stored, shutter=Shutter(hidden, 1 / 3)), zoom)
    half = round(20 * zoom)
    assert (picture[:half] == 85).all()
    assert (picture[half:] == (10, 200, 30)).all()


# proportions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("aspect", "block"), [(2.0, (2, 1)), (0.5, (1, 2)), (3.0, (3, 1))])
def test_that_at_one_to_one_pixels_that_are_not_square_are_rectangles(make, aspect, block) -> None:
    film = make.film(spacing=PixelSpacing(aspect=aspect))
    blocks = np.kron(display(film, FULL), np.ones(block, int))
    assert np.array_equal(shown(film, 1.0)[..., 0], blocks)


def test_that_a_film_is_averaged_only_along_the_axis_that_is_below_one_to_one(make) -> None:
    """At 0.5 a row of aspect 4 is two device pixels high and a column half of one wide."""
    film = make.film(spacing=PixelSpacing(aspect=4.0))
    pairs = film.stored.reshape(64, 24, 2).mean(axis=2)
    expected = display_table(film.chain, FULL)[np.rint(pairs).astype(int)]
    picture = shown(film, 0.5)[..., 0]
    assert np.array_equal(picture, np.kron(expected, np.ones((2, 1), int)))


# resampling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [1.5, 2.0, 4.3])
def test_that_smooth_is_pillows_bicubic_of_the_stored_values(make, zoom) -> None:
    film = make.film()
    size = round(48 * zoom), round(64 * zoom)
    whole = Image.fromarray(film.stored.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    values = np.clip(np.rint(np.asarray(whole)), 0, 4095).astype(int)
    expected = display_table(film.chain, FULL)[values]
    picture = shown(film, zoom, smooth=True)[..., 0]
    assert (picture == expected).mean() > 0.999  # Pillow was asked for one axis after the other
    assert np.abs(picture - expected.astype(int)).max() <= 1
    assert not np.array_equal(picture, shown(film, zoom)[..., 0])


def test_that_a_part_of_a_smooth_film_is_the_same_as_in_the_whole(make) -> None:
    film = make.film()
    whole = shown(film, 5.0, smooth=True)
    part = Placement.of(film.shape, (90, 70), 5.0, (33.3, 21.7))
    seen = rgb(Film(film).image(part, FULL, inverted=False, smooth=True))
    assert np.abs(seen - whole[-part.top : 90 - part.top, -part.left : 70 - part.left]).max() <= 1


def test_that_smooth_changes_nothing_at_and_below_one_to_one(make) -> None:
    film = make.film()
    for zoom in (0.4, 1.0):
        assert np.array_equal(shown(film, zoom, smooth=True), shown(film, zoom))


@pytest.mark.parametrize("zoom", [0.13, 0.3, 0.45, 0.7])
def test_that_a_part_of_a_reduced_film_is_the_same_as_in_the_whole(make, zoom) -> None:
    stored = np.random.default_rng(8).integers(0, 4096, (611, 547)).astype(np.uint16)
    film = make.film(stored=stored)
    whole = resampled(stored, Placement.of(film.shape, (700, 700), zoom))
    part = Placement.of(film.shape, (60, 50), zoom)
    expected = whole[-part.top :, -part.left :][:60, :50]
    assert np.abs(resampled(stored, part) - expected).max() < 0.1


@pytest.mark.parametrize("zoom", [0.13, 0.39, 0.7])
@pytest.mark.parametrize("threads", [2, 3, 50])
def test_that_threads_that_share_a_film_leave_no_seam(monkeypatch, zoom, threads) -> None:
    stored = np.random.default_rng(9).integers(0, 4096, (611, 547)).astype(np.uint16)
    whole = Placement.of(stored.shape, (700, 700), zoom)
    monkeypatch.setattr(resample, "_WORTH_IT", 1 << 30)
    alone = resampled(stored, whole)
    monkeypatch.setattr(resample, "_WORTH_IT", 1)
    monkeypatch.setattr(resample, "_THREADS", threads)
    joined = resampled(stored, whole)
    assert joined.shape == alone.shape
    assert np.abs(joined - alone).max() < 0.1


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.bool_])
def test_that_blocks_are_means_also_where_the_last_one_is_short(kind) -> None:
    for size in (1, 2, 3, 7):
        lines = np.random.default_rng(size).integers(0, 2**15, (20, 5)).astype(kind)
        expected = [lines[at : at + size].mean(axis=0) for at in range(0, 20, size)]
        assert np.allclose(block_means(lines, size), expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(211, 190), (3000, 5), (1, 1), (7, 400)])
def test_that_a_uniform_film_stays_uniform_up_to_its_last_pixel(shape) -> None:
    plane = np.full(shape, 60_000, np.uint16)
    for zoom in (0.02, 0.1, 0.33, 0.77):
        small = resampled(plane, Placement.of(shape, (3000, 3000), zoom))
        assert small.shape == tuple(max(1, round(n * zoom)) for n in shape)
        assert np.abs(small - 60_000).max() < 0.1
