"""Synthetic nouns, and a store in a temporary folder.

With ``RADSAL_TEST_DATABASE`` set to the URL of a PostgreSQL database made for the tests, whose
tables are dropped before each test, the tests that do not look into the file run on that one.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import MetaData, NullPool, create_engine

from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.review.read import Read, Verdict, now
from radsal.review.vocabulary import Agreement, Cause
from radsal.storage import Store
from radsal.storage.connection import parse_location

FINDING, METHOD = "Opacity", "gradcam"


def make_spot(name: str, rank: int = 1) -> HotSpot:
    contour = np.array([[1, 1], [1, 4], [4, 4], [1, 1]], np.float32) + np.float32(rank / 3)
    box = Box(rank, rank, rank + 4, rank + 4)
    return HotSpot(name, FINDING, METHOD, rank, (2.5, 2.5), box, contour, 0.3, 9.0)


def make_map(seed: int = 0) -> SaliencyMap:
    values = np.random.default_rng(seed).normal(size=(7, 5)).astype(np.float32)
    reach = (-3.0, 0.1, 61.75, 2.5)
    mapping = GridMapping(12.5, -3.0, 1 / 3, 0.1, transposed=True, reach=reach)
    return SaliencyMap(FINDING, METHOD, values, mapping, MapStatus.OK)


@dataclass(frozen=True)
class World:
    """One exam with one image, one model, one analysis with three hot spots."""

    header: ImageHeader
    image: ImageIdentity
    model: ModelIdentity
    analysis: Analysis

    def begin(self, reader: str = "Dr. Weiß") -> Read:
        return Read.begin(self.header.study_instance_uid, reader, self.model)

    def verdict(self, spot: str = "spot-1", note: str = "") -> Verdict:
        disagree = (Agreement.DISAGREE, Cause.TEXT)
        return Verdict(self.image, FINDING, METHOD, spot, *disagree, note, now())


def make_world(number: int = 1) -> World:
    image = ImageIdentity(f"2.25.1{number}", 1, f"{number:x}" * 64)
    header = ImageHeader(
        path=Path(f"/films/{number}.dcm"),
        sop_instance_uid=image.sop_instance_uid,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
        study_instance_uid=f"2.25.2{number}",
        series_instance_uid=f"2.25.3{number}",
        modality="DX",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME2",
        rows=80,
        columns=60,
        frames=1,
        bits_stored=12,
        lossy=False,
        patient_name="SYNTH^ANNA",
        patient_id=f"SYN-{number}",
        birth_date="19500203",
        orientation=("L", "F"),
        instance_number=number,
    )
    model = ModelIdentity("demo-opacity", "c" * 64)
    analysis = Analysis(
        image,
        model,
        METHOD,
        {"mass": 0.6, "layer": "features", "steps": 5, "signed": True},
        "cpu",
        (Prediction(FINDING, 1.25, 0.7, 0.5), Prediction("Effusion", -1.0, 0.2, 0.4)),
        (make_map(number),),
        tuple(make_spot(f"spot-{rank}", rank) for rank in (1, 2, 3)),
        12.5,
        ("Polarity was turned.",),
    )
    return World(header, image, model, analysis)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def other_world() -> World:
    return make_world(2)


SERVER = os.environ.get("RADSAL_TEST_DATABASE")


@pytest.fixture
def location(tmp_path: Path) -> Path:
    if SERVER:
        pytest.skip("looks into the file of an SQLite store")
    return tmp_path / "data" / "radsal.db"


@pytest.fixture
def empty_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if SERVER:
        engine = create_engine(parse_location(SERVER), poolclass=NullPool)
        with engine.begin() as connection:
            everything = MetaData()
            everything.reflect(connection)
            everything.drop_all(connection)
    with Store.open(SERVER or request.getfixturevalue("location")) as store:
        yield store


@pytest.fixture
def store(empty_store: Store, world: World) -> Store:
    """A store that holds the image and the analysis of ``world``."""
    empty_store.save_image(world.header, world.image)
    empty_store.save_analysis(world.analysis)
    return empty_store


@pytest.fixture
def with_device() -> Callable[[Analysis, str], Analysis]:
    """The same analysis, computed on another device."""
    return lambda analysis, device: replace(analysis, device=device)
