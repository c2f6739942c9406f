"""Synthetic nouns, a workstation whose worker processes are played, and a guard for leaks."""

import gc
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from psygnal import Signal
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from radsal.app.actions.services import Services
from radsal.app.actions.workstation import Workstation
from radsal.app.windows.main_window import MainWindow
from radsal.core.decoded import Decoded
from radsal.core.erasure import Answer, Erasure
from radsal.core.errors import Refusal, RefusalCode
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.planes import Overlay, Shutter
from radsal.core.progress import Progress
from radsal.core.radiograph import GrayscaleChain, ImageHeader, PixelSpacing, Radiograph
from radsal.core.records import record_of
from radsal.core.refused import Refused
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.inference.components import Component
from radsal.inference.package import ModelPackage
from radsal.review.case import Case
from radsal.review.read import Read, Verdict, now
from radsal.review.vocabulary import Agreement, Cause
from radsal.session import Session
from radsal.settings import Settings
from radsal.storage import Store
from radsal.storage.index import FolderIndex
from radsal.storage.map_cache import MapCache
from radsal.workflow.analysis import AnalysisRequest, LayerChoice
from radsal.workflow.erasing import ErasureRequest
from radsal.workflow.portions import Gone, Portion, Run

READER = "Dr. Test"
FINDINGS = ("Opacity", "Effusion")
METHOD = "gradcam"
LAYERS = (LayerChoice("block3", 32, (14, 12)), LayerChoice("block4.relu", 64, (7, 6)))


@pytest.fixture(autouse=True)
def no_leaks(qapp: QApplication) -> Iterator[None]:
    """Every window that a test opened is gone when it ends."""
    yield
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [type(widget).__name__ for widget in QApplication.topLevelWidgets()]
    assert left == []


# nouns -------------------------------------------------------------------------------------------


class Make:
    """Nouns by number: everything of number 1 belongs together, and nothing of it to number 2."""

    model = ModelIdentity("demo-opacity", "a" * 64)
    other_model = ModelIdentity("demo-twin", "b" * 64)

    def header(self, number: int = 1, **changes: Any) -> ImageHeader:
        header = ImageHeader(
            path=Path(f"film{number}.dcm"),
            sop_instance_uid=f"2.25.{number}",
            sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1.1",
            study_instance_uid=f"2.25.10{number}",
            series_instance_uid=f"2.25.20{number}",
            modality="DX",
            transfer_syntax="1.2.840.10008.1.2.1",
            photometric="MONOCHROME2",
            rows=64,
            columns=48,
            frames=1,
            bits_stored=12,
            lossy=False,
            patient_name=f"SYNTH^NUMBER{number}",
            patient_id=f"SYN-{number}",
        )
        return replace(header, **changes)

    def film(
        self,
        number: int = 1,
        stored: np.ndarray | None = None,
        *,
        chain: GrayscaleChain | None = None,
        spacing: PixelSpacing = PixelSpacing(),  # noqa: B008 - frozen
        overlays: tuple[Overlay, ...] = (),
        shutter: Shutter | None = None,
        **changes: Any,
    ) -> Radiograph:
        if stored is None:
            stored = np.random.default_rng(number).integers(0, 4096, (64, 48)).astype(np.uint16)
        shape = {"rows": stored.shape[0], "columns": stored.shape[1]}
        header = self.header(number, **shape, **changes)
        identity = ImageIdentity(header.sop_instance_uid, 1, f"{number:x}" * 64)
        gray = chain or GrayscaleChain(12, signed=False)
        return Radiograph(header, identity, stored, gray, spacing, overlays, shutter)

    def case(self, number: int = 1, **changes: Any) -> Case:
        return Case(f"2.25.10{number}", (self.header(number, **changes),))

    def map(
        self,
        values: Any,
        *,
        finding: str = FINDINGS[0],
        shape: tuple[int, int] = (64, 48),
        mapping: GridMapping | None = None,
        status: MapStatus | None = None,
        reason: str = "",
    ) -> SaliencyMap:
        grid = np.asarray(values, np.float32)
        if status is None:
            status = MapStatus.OK if (grid > 0).any() else MapStatus.EMPTY
        where = mapping or GridMapping.stretch(grid.shape, shape)
        return SaliencyMap(finding, METHOD, grid, where, status, reason)

    def spot(
        self,
        name: str = "spot-1",
        rank: int = 1,
        box: tuple[int, int, int, int] = (8, 6, 24, 18),
        *,
        finding: str = FINDINGS[0],
        share: float = 0.4,
    ) -> HotSpot:
        r0, c0, r1, c1 = box
        contour = np.array([[r0, c0], [r0, c1], [r1, c1], [r1, c0], [r0, c0]], np.float32)
        middle, area = ((r0 + r1) / 2, (c0 + c1) / 2), float((r1 - r0) * (c1 - c0))
        return HotSpot(name, finding, METHOD, rank, middle, Box(*box), contour, share, area)

    def analysis(
        self,
        film: Radiograph,
        *,
        maps: tuple[SaliencyMap, ...] | None = None,
        spots: tuple[HotSpot, ...] | None = None,
        predictions: tuple[Prediction, ...] | None = None,
        model: ModelIdentity | None = None,
        method: str = METHOD,
        parameters: dict[str, Any] | None = None,
        notes: tuple[str, ...] = (),
    ) -> Analysis:
        """Opacity 94% with two hot spots, effusion 18% with one."""
        if maps is None:
            bright = np.zeros((8, 6), np.float32)
            bright[1:3, 1:3] = 1.0
            maps = tuple(self.map(bright, finding=name, shape=film.shape) for name in FINDINGS)
        if spots is None:
            spots = (
                self.spot("spot-1", 1, share=0.61),
                self.spot("spot-2", 2, (40, 24, 56, 40), share=0.23),
                self.spot("spot-3", 1, finding=FINDINGS[1]),
            )
        if predictions is None:
            predictions = (
                Prediction("Opacity", 2.75, 0.94, 0.41),
                Prediction("Effusion", -1.5, 0.18, 0.37),
            )
        return Analysis(
            film.identity,
            model or self.model,
            method,
            parameters or {},
            "cpu",
            predictions,
            tuple(replace(m, method=method) for m in maps),
            tuple(replace(s, method=method) for s in spots),
            38.0,
            notes,
        )

    def answer(
        self,
        film: Radiograph,
        request: AnalysisRequest,
        maps: tuple[SaliencyMap, ...] | None = None,
    ) -> Analysis:
        """What is asked for and no more; the hot spots of each method have names of their own."""
        whole = self.analysis(
            film,
            maps=maps,
            model=request.model,
            method=request.method,
            parameters=request.parameters,
        )
        names = FINDINGS if request.findings == "all" else (request.findings,)
        return replace(
            whole,
            maps=tuple(m for m in whole.maps if m.finding in names),
            hot_spots=tuple(
                replace(h, id=f"{request.method} {h.id}")
                for h in whole.hot_spots
                if h.finding in names
            ),
        )

    def read(self, number: int = 1, model: ModelIdentity | None = None) -> Read:
        return Read.begin(f"2.25.10{number}", READER, model or self.model)

    def verdict(
        self,
        film: Radiograph,
        spot: str = "spot-1",
        cause: Cause | None = Cause.TEXT,
        agreement: Agreement = Agreement.DISAGREE,
        note: str = "",
    ) -> Verdict:
        return Verdict(film.identity, FINDINGS[0], METHOD, spot, agreement, cause, note, now())

    def show(self, session: Session, film: Radiograph, analysis: Analysis | None = None) -> None:
        """Bring a film, and its analysis, on screen as the actions do."""
        reading, header = session.reading, film.header
        reading.choose_model(analysis.model if analysis else self.model)
        if reading.case is None or reading.case.first != header:
            reading.choose(Case(header.study_instance_uid, (header,)))
            reading.present(film)
        if analysis is not None:
            reading.attach(analysis)


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def session() -> Session:
    return Session()


# the workstation ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Played(Decoded):
    """Becomes the test's own film, so that tests can tell it from a copy."""

    film: Radiograph | None = None

    def named(self, identity: ImageIdentity) -> Radiograph:
        assert self.film is not None
        assert self.film.identity == identity
        return self.film


@dataclass(eq=False)
class Player:
    """Stands in for a worker process: plays its jobs in the lane's own thread.

    ``hold`` keeps a job that mentions a file from ending until the event that it returns is set;
    meanwhile the job yields, as the real one does, so that it can be cancelled.
    """

    restarted: ClassVar[Signal] = Signal(str, str)

    films: dict[Path, Radiograph | Exception]
    answer: Callable[[Radiograph, AnalysisRequest], Analysis]
    gates: dict[Path, threading.Event] = field(default_factory=dict)
    asked: list[tuple[str, Path]] = field(default_factory=list)
    pauses: int = 1000

    def hold(self, film: Radiograph) -> threading.Event:
        self.gates[film.header.path] = threading.Event()
        return self.gates[film.header.path]

    def start(self) -> None:
        """The real one starts its process."""

    def run(
        self, target: str, /, *args: Any, timeout: float | None = None
    ) -> Generator[Any, None, Any]:
        job = target.partition(":")[2]
        return getattr(self, job)(*args)

    def walk(self, paths: list[Path], index: Path, skip: int) -> Generator[Any, None, Gone]:
        names = [str(path) for path in paths[skip:]]
        unread = [(-1, -1, 0)] * len(names), [None] * len(names)
        yield Portion((Run(".", "/films", names, *unread),))
        return ()

    def read_records(self, paths: list[str], patience: float) -> Generator[Any, None, list[str]]:
        """As the real one does, end early where the next file takes long."""
        records: list[str] = []
        for path in map(Path, paths):
            if records and path in self.gates and not self.gates[path].is_set():
                break
            yield from self._wait(path)
            film = self.films.get(path)
            refused = Refused(path, RefusalCode.NOT_DICOM, "The file is no DICOM file.")
            header = film.header if isinstance(film, Radiograph) else None
            records.append(
                record_of(header or (refused if film is None else self._header_of(path)))
            )
        return records

    def load(self, path: Path, frame: int) -> Generator[Any, None, ImageIdentity]:
        self.asked.append(("load", path))
        yield from self._wait(path)
        film = self.films[path]
        if isinstance(film, Exception):
            raise film
        if frame != film.identity.frame:
            film = self._frame(film, frame)
        yield Played(film.header, film.stored, film.chain, film.spacing, film=film)
        return film.identity

    def _frame(self, film: Radiograph, frame: int) -> Radiograph:
        """Another frame of a film: its own pixels, and so its own hash."""
        moved = film.stored + film.stored.dtype.type(frame)
        identity = replace(film.identity, frame=frame, pixel_sha256=f"{frame:x}" * 64)
        return replace(film, stored=moved, identity=identity)

    def make_ready(self, request: AnalysisRequest) -> Generator[Any, None, str]:
        yield Progress(0, 0)
        return "cpu"

    def layers(self, request: AnalysisRequest) -> Generator[Any, None, tuple[LayerChoice, ...]]:
        self.asked.append(("layers", request.folder))
        yield from self._wait(request.folder)
        return LAYERS

    def analyse(self, film: Radiograph, request: AnalysisRequest) -> Generator[Any, None, Analysis]:
        self.asked.append(("analyse", film.header.path))
        yield from self._wait(film.header.path)
        return self.answer(film, request)

    def erase(self, film: Radiograph, request: ErasureRequest) -> Generator[Any, None, Erasure]:
        """The logit falls from 2.75 to −1.25; controls change it by −0.4 to 0.5."""
        self.asked.append(("erase", film.header.path))
        yield from self._wait(film.header.path)
        assert isinstance(request.region, np.ndarray)
        rows, columns = np.nonzero(request.region)
        box = Box(int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)
        asked, controls = request.asked, tuple(np.linspace(-0.4, 0.5, request.controls))
        return Erasure(
            film.identity, asked.model, "cpu", asked.findings, box, len(rows), request.fill_in,
            Answer(2.75, 0.94), Answer(-1.25, 0.22), Answer(0, 0.5),
            controls, request.controls, 0, 0.1,
        )  # fmt: skip

    def _header_of(self, path: Path) -> ImageHeader:
        """A header is read even where the pixels cannot be."""
        number = int("".join(filter(str.isdigit, path.name)))
        return Make().header(number)

    def _wait(self, path: Path) -> Generator[Progress, None, None]:
        gate = self.gates.get(path)
        for _ in range(self.pauses):
            if gate is None or gate.wait(0.01):
                return
            yield Progress(0, 0, "Held")


@dataclass
class Engines:
    """The processes, played."""

    scanner: Player
    decoder: Player
    compute: Player

    @property
    def scanners(self) -> tuple[Player, ...]:
        return (self.scanner,)

    @property
    def workers(self) -> tuple[Player, ...]:
        return self.scanner, self.decoder, self.compute

    def warm_up(self) -> None:
        """The real one starts the processes."""


@dataclass
class Bench:
    """A workstation on films 1, 2 and 3, and what its processes were asked."""

    workstation: Workstation
    engines: Engines
    films: dict[int, Radiograph]

    @property
    def session(self) -> Session:
        return self.workstation.session

    def open(self, *numbers: int) -> None:
        self.workstation.opening.open_paths([self.films[n].header.path for n in numbers])

    def refuse(self, number: int, reason: str = "The pixel data ends early.") -> None:
        """Film ``number`` has a header but its pixels cannot be decoded."""
        error = Refusal(reason, code=RefusalCode.TRUNCATED)
        self.engines.decoder.films[self.films[number].header.path] = error

    def ready(self) -> bool:
        """The film on screen is analysed and can be judged."""
        reading = self.session.reading
        return reading.analysis is not None and reading.read is not None

    def idle(self) -> bool:
        return not self.workstation.services.busy


def package(identity: ModelIdentity) -> ModelPackage:
    nothing = Component("none")
    folder = Path("models") / identity.id
    return ModelPackage(
        identity, folder, FINDINGS, (0.41, 0.37), nothing, (), "sigmoid", folder / "weights"
    )


@pytest.fixture
def bench(
    qapp: QApplication, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    monkeypatch.setenv("RADSAL_HOME", str(tmp_path / "home"))
    films = {n: make.film(n) for n in (1, 2, 3)}

    def answer(film: Radiograph, request: AnalysisRequest) -> Analysis:
        return make.analysis(
            film, model=request.model, method=request.method, parameters=request.parameters
        )

    by_path = {film.header.path: film for film in films.values()}
    engines = Engines(*(Player(dict(by_path), answer) for _ in range(3)))
    wanted = Settings(reader=READER, store=str(tmp_path / "radsal.db"))
    with Store.open(wanted.store) as store:
        services = Services(
            engines,
            store,
            wanted,
            (package(make.model), package(make.other_model)),
            FolderIndex(tmp_path / "home" / "cache" / "folders.db"),
            MapCache(tmp_path / "home" / "cache" / "maps", 64 << 20),
        )
        workstation = Workstation(Session(), services)
        workstation.start()
        yield Bench(workstation, engines, films)
        assert services.close()


@pytest.fixture
def window(bench: Bench, qtbot: Any) -> MainWindow:
    made = MainWindow(bench.workstation)
    made.resize(1280, 800)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made
