"""Which films there are: names, patients, views, truth and boxes, as the data folder states them.

Knows no torch and reads no pixels.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radsal.core.geometry import Box

VIEWS = ("AP", "PA")


@dataclass(frozen=True)
class Film:
    """One frontal chest film.

    Attributes
    ----------
    patient:
        NIH's number of the patient: the file's name up to the underscore.
    view:
        AP or PA.
    positive:
        What is to be found: the label Pneumonia in training, an opacity drawn in evaluation.
    labelled:
        Whether NIH's labels, read from the report by a program, name Pneumonia.
    boxes:
        Opacities as readers drew them, in pixels of the film; none where nobody drew.
    """

    path: Path
    patient: str
    view: str
    positive: bool
    labelled: bool
    boxes: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise ValueError(f"{self.path.name}: neither AP nor PA: {self.view}")


def training_films(data: Path) -> list[Film]:
    """The films of ``train.csv``, in its order; positive are those with the label Pneumonia."""
    with (data / "train.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [_training_film(data, row) for row in rows]


def evaluation_films(data: Path) -> list[Film]:
    """The films of ``eval.json`` by name; positive are those in which a reader drew a box."""
    stated = json.loads((data / "eval.json").read_text("utf-8"))
    return [_evaluation_film(data, name, stated[name]) for name in sorted(stated)]


def split(
    films: Sequence[Film], share: float, seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of the films to learn from and of those held out; no patient is on both sides.

    About ``share`` of the patients of each kind (view of the first film, pneumonia on any film)
    are held out.
    """
    rng = np.random.default_rng(seed)
    kinds = _kinds(films)
    held: set[str] = set()
    for kind in sorted(set(kinds.values())):
        patients = sorted(patient for patient, own in kinds.items() if own == kind)
        held.update(rng.permutation(patients)[: round(share * len(patients))].tolist())
    out = np.array([film.patient in held for film in films])
    return np.flatnonzero(~out), np.flatnonzero(out)


def _kinds(films: Sequence[Film]) -> dict[str, tuple[str, bool]]:
    kinds: dict[str, tuple[str, bool]] = {}
    for film in films:
        view, positive = kinds.get(film.patient, (film.view, False))
        kinds[film.patient] = (view, positive or film.positive)
    return kinds


def _training_film(data: Path, row: dict[str, str]) -> Film:
    positive = "Pneumonia" in row["labels"].split("|")
    name = row["file"]
    return Film(data / "train" / name, _patient(name), row["view"], positive, positive)


def _evaluation_film(data: Path, name: str, row: dict[str, Any]) -> Film:
    boxes = tuple(_box(drawn["xywh"]) for drawn in row["boxes"])
    labelled = "Pneumonia" in row["labels"]
    return Film(data / "eval" / name, _patient(name), row["view"], bool(boxes), labelled, boxes)


def _patient(name: str) -> str:
    return name.partition("_")[0]


def _box(stated: list[float] | dict[str, float]) -> Box:
    """A box of whole pixels: left, top, width and height are stated as a list, or once by name."""
    x, y, w, h = stated if isinstance(stated, list) else (stated[key] for key in "xywh")
    return Box(round(y), round(x), round(y + h), round(x + w))
