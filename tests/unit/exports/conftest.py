"""A read of two synthetic films, and the readers that look at what was written."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pypdf
import pytest

from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction, SaliencyMap
from radsal.exports import write_pdf
from radsal.review.read import Read, Verdict
from radsal.review.vocabulary import Agreement, Cause

WHEN = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
MODEL = ModelIdentity("demo-opacity", "0123456789abcdef" * 4)
ROWS, COLUMNS = 120, 160
HOT = Box(20, 80, 60, 140)  # rows 20 to 59, columns 80 to 139
GRAY = 100


def hot_map(finding: str = "Opacity") -> SaliencyMap:
    """1 inside ``HOT``, -0.5 elsewhere, on a grid of cells of 20 x 20 pixels, transposed."""
    upright = np.full((ROWS // 20, COLUMNS // 20), -0.5, np.float32)
    upright[HOT.r0 // 20 : HOT.r1 // 20, HOT.c0 // 20 : HOT.c1 // 20] = 1
    mapping = GridMapping(20, 0, 20, 0, transposed=True)
    return SaliencyMap(finding, "gradcam", upright.T.copy(), mapping, MapStatus.OK)


def empty_map(finding: str = "Effusion") -> SaliencyMap:
    values = -np.ones((6, 8), np.float32)
    return SaliencyMap(
        finding,
        "gradcam",
        values,
        GridMapping(20, 0, 20, 0),
        MapStatus.EMPTY,
        "no cell speaks for it",
    )


def hot_spot(name: str, finding: str = "Opacity", rank: int = 1) -> HotSpot:
    corners = [(20, 80), (20, 140), (60, 140), (60, 80), (20, 80)]
    return HotSpot(
        name, finding, "gradcam", rank, (30.0, 90.5), HOT, np.array(corners, np.float32), 0.75, 2400
    )


def film(number: int, **changes: object) -> tuple[ImageIdentity, ImageHeader]:
    identity = ImageIdentity(f"2.25.1{number}", 1, f"{number}" * 64)
    facts = {
        "path": Path(f"{number}.dcm"),
        "sop_instance_uid": identity.sop_instance_uid,
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.1.1",
        "study_instance_uid": "2.25.2",
        "series_instance_uid": "2.25.3",
        "modality": "DX",
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "photometric": "MONOCHROME2",
        "rows": ROWS,
        "columns": COLUMNS,
        "frames": 1,
        "bits_stored": 12,
        "lossy": False,
        "patient_name": "SYNTH^ANNA",
        "patient_id": "SYN-0042",
        "birth_date": "19500203",
        "sex": "F",
        "study_date": "20260228",
        "accession_number": "ACC-7",
        "instance_number": number,
    }
    return identity, ImageHeader(**{**facts, **changes})


def analysis_of(image: ImageIdentity, *spots: HotSpot) -> Analysis:
    return Analysis(
        image,
        MODEL,
        "gradcam",
        {"mass": 0.6, "findings": "all"},
        "cpu",
        (Prediction("Opacity", 1.5, 0.8176, 0.5), Prediction("Effusion", -2.0, 0.1192, 0.4)),
        (hot_map(), empty_map()),
        spots,
        12.5,
        ("Polarity was turned.",),
    )


@dataclass
class Report:
    """What a report is made of; change it, then write it."""

    read: Read
    images: dict[ImageIdentity, ImageHeader]
    analyses: list[Analysis]
    pictures: dict[ImageIdentity, np.ndarray] = field(default_factory=dict)

    def judge(self, spot: str = "one", note: str = "", number: int = 0, **words: object) -> None:
        words = {"agreement": Agreement.DISAGREE, "cause": Cause.TEXT, **words}
        image = self.analyses[number].image
        verdict = Verdict(image, "Opacity", "gradcam", spot, note=note, given_at=WHEN, **words)
        self.read = self.read.judge(verdict)

    def rename(self, **changes: object) -> None:
        self.images = {i: replace(header, **changes) for i, header in self.images.items()}

    def write(self, path: Path, **options: object) -> Path:
        write_pdf(path, self.read, self.images, self.analyses, self.pictures, **options)
        return path


@pytest.fixture
def report() -> Report:
    """One film with two hot spots on Opacity and an empty map of Effusion; nothing judged."""
    identity, header = film(1)
    read = replace(
        Read.begin("2.25.2", "Dr. Weiß", MODEL), started_at=WHEN, updated_at=WHEN, revision=3
    )
    analysis = analysis_of(identity, hot_spot("one"), hot_spot("two", rank=2))
    picture = np.full((ROWS, COLUMNS), GRAY, np.uint8)
    return Report(read, {identity: header}, [analysis], {identity: picture})


@pytest.fixture
def another_film(report: Report) -> Callable[..., ImageIdentity]:
    """Put a second film, with a hot spot of its own, into the report."""

    def add(**changes: object) -> ImageIdentity:
        identity, header = film(2, **changes)
        report.images[identity] = header
        report.analyses.append(analysis_of(identity, hot_spot("three")))
        return identity

    return add


@pytest.fixture
def poppler() -> Callable[..., str]:
    """Run a program of poppler; it must be there in continuous integration."""

    def run(program: str, *arguments: object) -> str:
        if shutil.which(program) is None:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{program} is missing")
            pytest.skip(f"{program} is missing")
        done = subprocess.run(
            [program, *map(str, arguments)], capture_output=True, check=True, timeout=60
        )
        return done.stdout.decode("utf-8")

    return run


@pytest.fixture(params=["pypdf", "pdftotext"])
def pages_of(request: pytest.FixtureRequest, poppler) -> Callable[..., list[str]]:
    """The text of each page, with single spaces, as two independent readers see it.

    ``by_rows`` reads across the columns of tables.
    """

    def read(path: Path, *, by_rows: bool = False) -> list[str]:
        if request.param == "pypdf":
            pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
        else:
            order = ["-layout"] if by_rows else []
            pages = poppler("pdftotext", "-enc", "UTF-8", *order, path, "-").split("\f")[:-1]
        return [" ".join(page.split()) for page in pages]

    return read
