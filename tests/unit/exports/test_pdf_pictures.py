import io

import numpy as np
import pypdf
import pytest
from PIL import Image

from radsal.core.colormaps import table

PLAIN, HOT_COLOUR = 100, 100 * 0.55 + table("inferno")[255] * 0.45  # opacity 0.45, share 1


def embedded(path, mode):
    """The films inside the file: pictures of the size of the film, in colour or in gray."""
    images = [i.image for page in pypdf.PdfReader(path).pages for i in page.images]
    return [np.asarray(i) for i in images if i.size == (160, 120) and i.mode == mode]


def test_that_the_film_inside_the_file_is_tinted_on_the_hot_region_and_nowhere_else(
    report, tmp_path
):
    (marked,) = embedded(report.write(tmp_path / "r.pdf"), "RGB")
    inside = marked[34:46, 94:126].astype(float)  # inside the outermost cell centres, off the line
    np.testing.assert_allclose(inside, np.broadcast_to(HOT_COLOUR, inside.shape), atol=1)
    outside = marked.copy()
    outside[5:75, 60:160] = PLAIN  # the region, its bilinear slope and the numbers
    assert (outside == PLAIN).all()


def test_that_beside_it_stands_the_film_without_anything_on_it(report, tmp_path):
    (plain,) = embedded(report.write(tmp_path / "r.pdf"), "L")
    np.testing.assert_array_equal(plain, report.pictures[report.analyses[0].image])


def test_that_a_film_in_colour_is_in_colour_in_the_file(report, tmp_path):
    colour = np.full((120, 160, 3), (180, 40, 90), np.uint8)
    report.pictures = dict.fromkeys(report.pictures, colour)
    films = embedded(report.write(tmp_path / "r.pdf"), "RGB")
    plain, marked = sorted(films, key=lambda film: np.count_nonzero(film != colour))
    np.testing.assert_array_equal(plain, colour)
    assert (marked[100:, :50] == (180, 40, 90)).all()


def test_that_on_paper_a_film_has_the_proportions_it_is_given_in(report, poppler, tmp_path):
    """A film of 120 rows twice as high as wide: 240 x 160 on paper, as tall as 1.5 widths."""
    report.pictures = dict.fromkeys(report.pictures, np.full((240, 160), PLAIN, np.uint8))
    path = report.write(tmp_path / "r.pdf")
    poppler("pdftoppm", "-r", "100", "-png", path, tmp_path / "page")
    shares = []
    for file in sorted(tmp_path.glob("page*.png")):
        with Image.open(io.BytesIO(file.read_bytes())) as picture:
            page = np.asarray(picture.convert("RGB")).astype(int)
        film = (page == PLAIN).all(axis=2)
        film[:, page.shape[1] // 2 :] = False  # the marked film is on the right
        if film.sum() > 1000:
            rows, columns = np.flatnonzero(film.any(1)), np.flatnonzero(film.any(0))
            shares.append((rows[-1] + 1 - rows[0]) / (columns[-1] + 1 - columns[0]))
    assert shares == [pytest.approx(1.5, rel=0.02)]


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_that_opacity_is_the_weight_of_the_colour(report, tmp_path, share):
    (marked,) = embedded(report.write(tmp_path / "r.pdf", opacity=share, colormap="cividis"), "RGB")
    wanted = PLAIN * (1 - share) + table("cividis")[255] * share
    np.testing.assert_allclose(marked[40, 110], wanted, atol=1)


def test_that_on_paper_the_tint_lies_where_the_region_lies_in_the_film(report, poppler, tmp_path):
    path = report.write(tmp_path / "r.pdf")
    poppler("pdftoppm", "-r", "100", "-png", path, tmp_path / "page")
    found = 0
    for file in sorted(tmp_path.glob("page*.png")):
        with Image.open(io.BytesIO(file.read_bytes())) as picture:
            page = np.asarray(picture.convert("RGB")).astype(int)
        film = (page == PLAIN).all(axis=2)
        film[:, : page.shape[1] // 2] = False  # the plain film is on the left
        if film.sum() < 1000:
            continue
        found += 1
        rows, columns = np.flatnonzero(film.any(1)), np.flatnonzero(film.any(0))
        top, left = rows[0], columns[0]
        scale = (rows[-1] + 1 - top) / 120, (columns[-1] + 1 - left) / 160
        assert scale[0] == pytest.approx(scale[1], rel=0.02)
        for (row, column), colour in {
            (40, 110): HOT_COLOUR,
            (36, 96): HOT_COLOUR,
            (45, 124): HOT_COLOUR,
            (100, 110): PLAIN,
            (40, 30): PLAIN,
            (100, 30): PLAIN,
        }.items():
            seen = page[int(top + row * scale[0]), int(left + column * scale[1])]
            np.testing.assert_allclose(seen, np.broadcast_to(colour, 3), atol=2)
    assert found == 1
