import zipfile

import numpy as np
import pytest
import typer
from PIL import Image
from pydicom import dcmread

from radsal.cli.render import parse_window, render
from radsal.core.errors import ExportError, Refusal
from radsal.core.radiograph import VoiFunction

RAMP = np.arange(600, dtype=np.float64).reshape(20, 30)


@pytest.mark.parametrize(
    ("text", "center", "width", "function"),
    [
        ("40,400", 40, 400, VoiFunction.LINEAR),
        (" -2.5 , 1e3 ", -2.5, 1000, VoiFunction.LINEAR),
        ("0,0.5,sigmoid", 0, 0.5, VoiFunction.SIGMOID),
        ("0,0.5, LINEAR_EXACT ", 0, 0.5, VoiFunction.LINEAR_EXACT),
    ],
)
def test_that_a_window_is_read_from_its_numbers(text, center, width, function):
    window = parse_window(text)
    assert (window.center, window.width, window.function) == (center, width, function)


@pytest.mark.parametrize(
    "text",
    ["", "40", "40;400", "a,b", "40,0", "40,-1", "nan,400", "40,inf", "1,2,CUBIC", "1,2,SIGMOID,3"],
)
def test_that_what_is_no_window_is_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="CENTER,WIDTH"):
        parse_window(text)


def pixels(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture, np.float64)


def draw(film, out, **options):
    asked = {"window": None, "voi": None, "bits": 8, "use_lut": True}
    return render(film, out, **{**asked, **options})


@pytest.mark.parametrize(("bits", "top"), [(8, 255), (16, 65535)])
def test_that_the_displayed_pixels_are_written_at_one_to_one(
    engines, new_film, tmp_path, bits, top
):
    out = tmp_path / "deeper" / "film.png"
    assert draw(new_film(), out, window="300,200", bits=bits) == 0
    wanted = np.clip((RAMP - 299.5) / 199 + 0.5, 0, 1) * top  # PS3.3 C.11.2.1.2.1
    assert pixels(out).shape == (20, 30)
    assert np.abs(pixels(out) - wanted).max() <= 1
    assert engines.closed


@pytest.mark.parametrize(("number", "center"), [(1, 100), (2, 500)])
def test_that_the_windows_of_the_file_are_counted_from_one(
    engines, new_film, tmp_path, number, center
):
    film = new_film(WindowCenter=["100", "500"], WindowWidth=["50", "50"])
    draw(film, tmp_path / "film.png", voi=number)
    wanted = np.clip((RAMP - (center - 0.5)) / 49 + 0.5, 0, 1) * 255
    assert np.abs(pixels(tmp_path / "film.png") - wanted).max() <= 1


@pytest.mark.parametrize(
    "options", [{"bits": 12}, {"window": "1,2", "voi": 1}, {"voi": 0}, {"voi": 2}, {"window": "x"}]
)
def test_that_wrong_usage_writes_nothing(engines, new_film, tmp_path, options):
    film = new_film(WindowCenter="100", WindowWidth="50")
    with pytest.raises(typer.BadParameter):
        draw(film, tmp_path / "film.png", **options)
    assert not (tmp_path / "film.png").exists()


def test_that_a_refused_film_leaves_an_earlier_picture(engines, new_film, tmp_path):
    out = tmp_path / "film.png"
    draw(new_film(), out)
    before = out.read_bytes()
    (tmp_path / "letter.txt").write_text("no film")
    with pytest.raises(Refusal):
        draw(tmp_path / "letter.txt", out)
    assert out.read_bytes() == before


def test_that_a_picture_is_written_whole_or_not_at_all(engines, new_film, tmp_path, monkeypatch):
    out = tmp_path / "out" / "film.png"
    draw(new_film(), out)
    before = out.read_bytes()

    def full(picture, file, **options):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(ExportError, match="No space left"):
        draw(new_film(), out, window="10,10")
    assert out.read_bytes() == before
    assert [p.name for p in out.parent.iterdir()] == ["film.png"]


def colour_film(film, values):
    """The film's file with colours in it, (rows, columns, 3) or frames of them."""
    data = dcmread(film)
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "RGB", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.NumberOfFrames = values.shape[0] if values.ndim == 4 else 1
    data.Rows, data.Columns = values.shape[-3:-1]
    data.add_new("PixelData", "OB", values.tobytes())
    data.save_as(film)
    return film


COLOURS = np.random.default_rng(1).integers(0, 256, (3, 20, 30, 3), np.uint8)


@pytest.mark.parametrize("frame", [1, 3])
def test_that_a_frame_of_colours_is_written_as_rgb(engines, new_film, tmp_path, frame):
    film = colour_film(new_film(), COLOURS)
    draw(film, tmp_path / "film.png", frame=frame)
    assert np.array_equal(pixels(tmp_path / "film.png"), COLOURS[frame - 1])


@pytest.mark.parametrize("options", [{"bits": 16}, {"window": "1,2"}, {"voi": 1}])
def test_that_colours_with_16_bits_or_a_window_are_wrong_usage(
    engines, new_film, tmp_path, options
):
    film = colour_film(new_film(WindowCenter="1", WindowWidth="2"), COLOURS[0])
    with pytest.raises(typer.BadParameter):
        draw(film, tmp_path / "film.png", **options)
    assert not (tmp_path / "film.png").exists()


def test_that_a_frame_that_is_not_there_is_refused(engines, new_film, tmp_path):
    with pytest.raises(Refusal, match="no frame 2"):
        draw(new_film(), tmp_path / "film.png", frame=2)


def test_that_the_shutter_can_be_left_aside(engines, new_film, tmp_path):
    film = new_film(
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge=3,
        ShutterRightVerticalEdge=30,
        ShutterUpperHorizontalEdge=1,
        ShutterLowerHorizontalEdge=20,
        ShutterPresentationValue=0xFFFF,
    )
    draw(film, tmp_path / "covered.png")
    draw(film, tmp_path / "bare.png", shutter=False)
    covered, bare = pixels(tmp_path / "covered.png"), pixels(tmp_path / "bare.png")
    assert (covered[:, :2] == 255).all()
    assert bare[0, 0] == 0
    assert np.array_equal(covered[:, 2:], bare[:, 2:])


def test_that_a_film_and_a_picture_in_an_archive_are_rendered(engines, new_film, tmp_path):
    archive, out = tmp_path / "films.zip", tmp_path / "out.png"
    Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30)).save(tmp_path / "film.png")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(new_film(), "inner/film.dcm")
        made.write(tmp_path / "film.png", "film.png")
    asked = {"window": "300,600", "voi": None, "bits": 16, "use_lut": True}
    render(archive / "inner" / "film.dcm", out, **asked)
    inside = pixels(out)
    render(new_film(), out, **asked)
    assert np.array_equal(inside, pixels(out))
    render(archive / "film.png", out, window=None, voi=None, bits=8, use_lut=True)
    assert np.array_equal(pixels(out), RAMP % 256)
