"""One frame while the reader drags the window: RadSal's canvas beside pyqtgraph's ImageItem.

And what comes before the first one: a film at view resolution, beside Pillow alone.

Both paint into the same picture of 1600 x 1200, both outside the screen. RadSal's frame has its
corner texts, and with the overlay also the colour bar and the outlines of the hot spots;
pyqtgraph's has the film and the 14 x 14 map only, its cells drawn as they are.
"""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import pyqtgraph
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytest_benchmark.fixture import BenchmarkFixture

from radsal.app.viewer import ImageCanvas
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.stored import StoredValues
from radsal.core import colormaps
from radsal.core.geometry import GridMapping, Turn
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import GrayscaleChain, ImageHeader, Radiograph, VoiWindow
from radsal.core.results import Analysis, MapStatus, Prediction, SaliencyMap
from radsal.core.rules import DisplayRule, Scale, Sign
from radsal.hotspots.find import find_hot_spots
from radsal.review.case import group_cases
from radsal.session import Beside, Session

SHAPE = (3072, 2560)
WIDTH, HEIGHT = 1600, 1200
OPACITY, THRESHOLD = 0.45, 0.25
HOT = 4.5 / 14, 9.5 / 14  # the middle of the first hot spot, as shares of rows and columns
ROUNDS = 60
SIGNED = DisplayRule(Scale.SHARED, Sign.BOTH)
WINDOWS = [(32_000.0 + 150 * step, 40_000.0 - 200 * step) for step in range(50)]
GROUPS = {False: "window change, film only", True: "window change, film and heat map"}
MODEL = ModelIdentity("benchmark", "0" * 64)


@pytest.fixture(scope="module")
def stored(make_pixels: Callable[[tuple[int, int], int], NDArray[np.uint16]]) -> NDArray[np.uint16]:
    return make_pixels(SHAPE, 16)


@pytest.fixture(scope="module")
def heat() -> NDArray[np.float32]:
    """A map of 14 x 14 with two hot places and something everywhere."""
    rows, columns = np.mgrid[:14, :14].astype(np.float32)
    one = np.exp(-((rows - 4) ** 2 + (columns - 9) ** 2) / 6)
    other = 0.7 * np.exp(-((rows - 10) ** 2 + (columns - 4) ** 2) / 4)
    return (one + other + 0.05).astype(np.float32)


@pytest.fixture(params=[False, True], ids=["film only", "heat map"])
def overlaid(request: pytest.FixtureRequest, benchmark: BenchmarkFixture) -> bool:
    benchmark.group = f"{GROUPS[request.param]}, 3072x2560 16-bit on 1600x1200"
    return bool(request.param)


@pytest.fixture
def screen() -> QImage:
    """The memory that a window is painted into."""
    return QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)


@pytest.mark.parametrize(
    ("turn", "rule"),
    [(Turn(), DisplayRule()), (Turn(1, mirrored=True), DisplayRule()), (Turn(), SIGNED)],
    ids=["upright", "turned", "upright, both signs"],
)
def test_radsal_paints_the_next_window(
    benchmark: BenchmarkFixture,
    overlaid: bool,
    turn: Turn,
    rule: DisplayRule,
    qapp: QApplication,
    screen: QImage,
    stored: NDArray[np.uint16],
    heat: NDArray[np.float32],
) -> None:
    session = Session()
    canvas = ImageCanvas(session)
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    _read(session, stored, heat)
    session.view.heatmap = session.view.contours = overlaid
    session.view.opacity, session.view.threshold = OPACITY, THRESHOLD
    session.view.scale, session.view.sign = rule.scale, rule.sign
    session.view.zoom, session.view.turn = HEIGHT / SHAPE[0], turn  # as many pixels in any turn
    QApplication.processEvents()
    windows = cycle(WINDOWS)

    def frame() -> None:
        session.view.voi = VoiWindow(*next(windows))
        canvas.render(screen)

    benchmark.pedantic(frame, rounds=ROUNDS, warmup_rounds=5)
    placement = canvas.placement()
    canvas.close()
    canvas.deleteLater()
    assert placement is not None
    y, x = placement.to_view(HOT[0] * SHAPE[0], HOT[1] * SHAPE[1])
    assert _is_coloured(screen, round(x), round(y)) is overlaid


def test_radsal_paints_the_next_window_in_four_panes(
    benchmark: BenchmarkFixture,
    qapp: QApplication,
    stored: NDArray[np.uint16],
    heat: NDArray[np.float32],
) -> None:
    """Methods side by side: four panes on the room of one, each with its film and map."""
    benchmark.group = f"{GROUPS[True]}, 3072x2560 16-bit on 1600x1200"
    session = Session()
    _read(session, stored, heat)
    session.view.opacity, session.view.threshold = OPACITY, THRESHOLD
    canvases = [ImageCanvas(session)]
    analysis = session.reading.analysis
    assert analysis is not None
    for _ in range(3):
        pane = session.comparison.add(analysis.method)
        pane.attach(analysis)
        canvases.append(ImageCanvas(Beside(pane, session), beside=True))
    screens = [QImage(WIDTH // 2, HEIGHT // 2, QImage.Format.Format_RGB32) for _ in canvases]
    for canvas in canvases:
        canvas.resize(WIDTH // 2, HEIGHT // 2)
        canvas.show()
    QApplication.processEvents()
    windows = cycle(WINDOWS)

    def frame() -> None:
        session.view.voi = VoiWindow(*next(windows))
        for canvas, screen in zip(canvases, screens, strict=True):
            canvas.render(screen)

    benchmark.pedantic(frame, rounds=ROUNDS, warmup_rounds=5)
    left = (WIDTH / 2 - SHAPE[1] * HEIGHT / 2 / SHAPE[0]) / 2
    at = round(left + HOT[1] * (WIDTH / 2 - 2 * left)), round(HOT[0] * HEIGHT / 2)
    for canvas, screen in zip(canvases, screens, strict=True):
        canvas.close()
        canvas.deleteLater()
        assert _is_coloured(screen, *at)


@pytest.mark.parametrize("downsampled", [False, True], ids=["as it comes", "autoDownsample"])
def test_pyqtgraph_paints_the_next_window(
    benchmark: BenchmarkFixture,
    overlaid: bool,
    downsampled: bool,
    qapp: QApplication,
    screen: QImage,
    stored: NDArray[np.uint16],
    heat: NDArray[np.float32],
) -> None:
    view, film = _pyqtgraph_view(stored, heat if overlaid else None, downsampled)
    windows = cycle(WINDOWS)

    def frame() -> None:
        center, width = next(windows)
        film.setLevels((center - width / 2, center + width / 2))
        QWidget.render(view, screen)  # the view as a widget; its own render() is the scene's

    benchmark.pedantic(frame, rounds=ROUNDS, warmup_rounds=5)
    view.close()
    view.deleteLater()
    left = (WIDTH - SHAPE[1] * HEIGHT / SHAPE[0]) / 2
    at = round(left + HOT[1] * (WIDTH - 2 * left)), round(HOT[0] * HEIGHT)
    assert _is_coloured(screen, *at) is overlaid


def _read(session: Session, stored: NDArray[np.uint16], heat: NDArray[np.float32]) -> None:
    """Put a film and the answers of a model on screen."""
    radiograph = _radiograph(stored)
    (case,), _ = group_cases([radiograph.header])
    session.reading.choose(case)
    session.reading.choose_model(MODEL)
    session.reading.present(radiograph)
    session.reading.attach(_analysis(radiograph.identity, heat))


def _radiograph(stored: NDArray[np.uint16]) -> Radiograph:
    header = _header()
    identity = ImageIdentity(header.sop_instance_uid, 1, "1" * 64)
    return Radiograph(header, identity, stored, GrayscaleChain(16, signed=False))


def _header() -> ImageHeader:
    return ImageHeader(
        path=Path("benchmark.dcm"),
        sop_instance_uid="2.25.1",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        study_instance_uid="2.25.2",
        series_instance_uid="2.25.3",
        modality="CR",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME2",
        rows=SHAPE[0],
        columns=SHAPE[1],
        frames=1,
        bits_stored=16,
        lossy=False,
        patient_name="Phantom^Benchmark",
        patient_id="0",
        study_date="20260101",
        orientation=("L", "F"),
    )


def _analysis(image: ImageIdentity, heat: NDArray[np.float32]) -> Analysis:
    mapping = GridMapping.stretch((14, 14), SHAPE)
    saliency = SaliencyMap("Opacity", "gradcam", heat.copy(), mapping, MapStatus.OK)
    return Analysis(
        image=image,
        model=MODEL,
        method="gradcam",
        parameters={},
        device="cpu",
        predictions=(Prediction("Opacity", 1.0, 0.73, 0.5),),
        maps=(saliency,),
        hot_spots=find_hot_spots(saliency, SHAPE, image=image, model=MODEL),
    )


def _pyqtgraph_view(
    stored: NDArray[np.uint16], heat: NDArray[np.float32] | None, downsampled: bool
) -> tuple[QWidget, pyqtgraph.ImageItem]:
    view = pyqtgraph.GraphicsView(useOpenGL=False)
    view.resize(WIDTH, HEIGHT)
    box = pyqtgraph.ViewBox(lockAspect=True, invertY=True, enableMenu=False, defaultPadding=0)
    view.setCentralItem(box)
    film = pyqtgraph.ImageItem(stored, axisOrder="row-major", autoDownsample=downsampled)
    box.addItem(film)
    if heat is not None:
        over = pyqtgraph.ImageItem(heat, axisOrder="row-major", lut=_heat_table())
        over.setLevels((0, float(heat.max())))
        over.setRect(QRectF(0, 0, SHAPE[1], SHAPE[0]))
        box.addItem(over)
    box.autoRange(padding=0)
    view.show()
    QApplication.processEvents()
    return view, film


def _heat_table() -> NDArray[np.uint8]:
    """The colours of RadSal's overlay as pyqtgraph wants them: RGBA, (256, 4)."""
    shown = np.arange(256) / 255 >= THRESHOLD
    alpha = np.where(shown, round(OPACITY * 255), 0).astype(np.uint8)
    return np.column_stack([colormaps.table("inferno"), alpha])


def _is_coloured(screen: QImage, x: int, y: int) -> bool:
    """Whether the place of the first hot spot is in colour; it must be lit in any case."""
    place = screen.pixelColor(x, y)
    assert place.red() > 0
    return len({place.red(), place.green(), place.blue()}) > 1


@pytest.mark.parametrize("turn", [Turn(), Turn(1)], ids=["upright", "turned"])
@pytest.mark.parametrize("size", [1000, 1200])
def test_radsal_brings_a_film_to_view_resolution(
    benchmark: BenchmarkFixture, size: int, turn: Turn, stored: NDArray[np.uint16]
) -> None:
    benchmark.group = f"3072x2560 16-bit to {size} rows, averaged over areas"
    values = StoredValues(_radiograph(stored))
    placement = Placement.of(SHAPE, (1600, 1600), size / SHAPE[0], turn=turn)
    indices = benchmark.pedantic(values.at, (placement,), rounds=ROUNDS, warmup_rounds=5)
    assert indices.shape == turn.shape((size, round(SHAPE[1] * size / SHAPE[0])))


@pytest.mark.parametrize("size", [1000, 1200])
def test_pillow_brings_a_film_to_view_resolution(
    benchmark: BenchmarkFixture, size: int, stored: NDArray[np.uint16]
) -> None:
    """The same from the same values, by the same window, without blocks first."""
    benchmark.group = f"3072x2560 16-bit to {size} rows, averaged over areas"
    shape = round(SHAPE[1] * size / SHAPE[0]), size

    def resize() -> Image.Image:
        film = Image.fromarray(stored.astype(np.float32))
        return film.resize(shape, Image.Resampling.HAMMING)

    assert benchmark.pedantic(resize, rounds=ROUNDS, warmup_rounds=5).size == shape
