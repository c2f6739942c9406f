"""How long a map that was computed once takes to appear: from the kept maps, and from the store.

Beside both stands the floor: the bytes of the same entries read and hashed. The film is one of a
real size, and hot spots are cut as they are. All that is timed does without torch, as
``tests/unit/inference/test_torch_free.py`` holds.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.ndimage import gaussian_filter

from radsal.core.geometry import GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import GrayscaleChain, ImageHeader, Radiograph
from radsal.core.results import Analysis, MapStatus, Prediction, SaliencyMap
from radsal.hotspots.find import find_hot_spots
from radsal.storage import Store
from radsal.storage.map_cache import MapCache
from radsal.workflow.analysis import ALL, AnalysisRequest
from radsal.workflow.recalling import keep, kept, stored

FINDINGS = tuple(f"Finding {number}" for number in range(1, 15))
MODEL = ModelIdentity("benchmark", "0" * 64)
SHAPE = (2140, 1760)
OTHERS = 2000  # entries of other films in the same folder
ROUNDS = 50


@dataclass
class Scene:
    """A film that was analysed once, and where that is kept."""

    film: Radiograph
    request: AnalysisRequest
    maps: MapCache
    store: Store


def film() -> Radiograph:
    header = ImageHeader(
        path=Path("film.dcm"),
        sop_instance_uid="2.25.1",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
        study_instance_uid="2.25.2",
        series_instance_uid="2.25.3",
        modality="DX",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME2",
        rows=SHAPE[0],
        columns=SHAPE[1],
        frames=1,
        bits_stored=12,
        lossy=False,
    )
    identity = ImageIdentity("2.25.1", 1, "a" * 64)
    return Radiograph(
        header, identity, np.zeros(SHAPE, np.uint16), GrayscaleChain(12, signed=False)
    )


def answer(
    film: Radiograph, request: AnalysisRequest, grid: tuple[int, int], smooth: float
) -> Analysis:
    """Maps of noise, smoothed by so many cells."""
    wanted = FINDINGS if request.findings == ALL else (request.findings,)
    mapping = GridMapping.stretch(grid, film.shape)
    noise = np.random.default_rng(0).normal(size=(len(wanted), *grid))
    maps = tuple(
        SaliencyMap(name, request.method, values, mapping, MapStatus.OK)
        for name, values in zip(
            wanted, gaussian_filter(noise, (0, smooth, smooth)).astype(np.float32), strict=True
        )
    )
    spots = [
        spot
        for item in maps
        for spot in find_hot_spots(item, film.shape, image=film.identity, model=MODEL)
    ]
    predictions = tuple(Prediction(name, 0.0, 0.5, 0.5) for name in FINDINGS)
    head = (film.identity, MODEL, request.method, request.parameters, "cpu", predictions)
    return Analysis(*head, maps, tuple(spots))


@pytest.fixture
def scene(tmp_path: Path) -> Callable[..., Scene]:
    """Keep an answer, and store it as a read does, among those to other films."""

    def make(findings: str, grid: tuple[int, int], smooth: float) -> Scene:
        seen, request = film(), AnalysisRequest(Path(), MODEL, findings=findings, labels=FINDINGS)
        analysis = answer(seen, request, grid, smooth)
        maps = MapCache(tmp_path / "maps", 1 << 30)
        keep(maps, seen, request, analysis)
        raw = next(maps.folder.glob("*.map")).read_bytes()
        for number in range(OTHERS):
            (maps.folder / f"{number:064x}.map").write_bytes(raw)
        store = Store.open(tmp_path / "radsal.db")
        store.save_image(seen.header, seen.identity)
        store.save_analysis(analysis)
        return Scene(seen, request, maps, store)

    return make


def from_the_cache(scene: Scene) -> Analysis | None:
    return kept(scene.maps, scene.film, scene.request)


def from_the_store(scene: Scene) -> Analysis | None:
    return stored(scene.store, scene.film, scene.request)


CASES = {
    "Grad-CAM of 14 findings, 7 x 7": (ALL, (7, 7), 0.5),
    "an input map of 1 finding, 224 x 224": (FINDINGS[0], (224, 224), 3.0),
}


@pytest.mark.parametrize("what", CASES)
@pytest.mark.parametrize("where", [from_the_cache, from_the_store])
def test_radsal_looks_an_analysis_up(
    scene: Callable[..., Scene],
    where: Callable[[Scene], Analysis | None],
    what: str,
    benchmark: BenchmarkFixture,
) -> None:
    benchmark.group = f"Known before: {what}"
    made = scene(*CASES[what])
    with made.store:
        found = benchmark.pedantic(where, (made,), rounds=ROUNDS, warmup_rounds=2)
    assert found is not None
    assert len(found.maps) == len(FINDINGS) if made.request.findings == ALL else 1
    assert {spot.finding for spot in found.hot_spots} == {item.finding for item in found.maps}


@pytest.mark.parametrize("what", CASES)
def test_the_bytes_of_the_entries_are_read_and_hashed(
    scene: Callable[..., Scene], what: str, benchmark: BenchmarkFixture
) -> None:
    benchmark.group = f"Known before: {what}"
    made = scene(*CASES[what])
    made.store.close()
    paths = [path for path in made.maps.folder.iterdir() if not path.name.startswith("0" * 32)]

    def read() -> list[str]:
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]

    assert benchmark.pedantic(read, rounds=ROUNDS, warmup_rounds=2)
    assert len(paths) == (len(FINDINGS) if made.request.findings == ALL else 1)


@pytest.mark.parametrize("what", CASES)
def test_an_answer_is_kept(
    scene: Callable[..., Scene], what: str, benchmark: BenchmarkFixture
) -> None:
    benchmark.group = f"Known before: {what}"
    made = scene(*CASES[what])
    made.store.close()
    analysis = answer(made.film, made.request, *CASES[what][1:])
    benchmark.pedantic(
        keep, (made.maps, made.film, made.request, analysis), rounds=ROUNDS, warmup_rounds=2
    )
    assert kept(made.maps, made.film, made.request) is not None
