"""What the card says, as numbers: areas with intervals, calibration, pointing. Knows no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from radsal.demo.nih import pointing
from radsal.demo.nih.calibration import Bin, brier, reliability
from radsal.demo.nih.films import VIEWS, Film
from radsal.demo.nih.uncertainty import Estimate, area_over_patients, share
from radsal.demo.statistics import calibration_error

_BINS = 5


@dataclass(frozen=True)
class Figures:
    """What the card says of one set of films.

    Attributes
    ----------
    areas:
        AUC over all films, and over those of each view.
    view_alone:
        AUC of the answer "it is PA".
    view_betrayed:
        How well the score tells PA from AP, among films without and with the finding; 0.5 is not
        at all.
    size_alone:
        AUC of the size of the file, which stands for grain and tones.
    size_betrayed:
        Rank correlation of the score with the size of the file, among films without and with the
        finding; 0 is none.
    """

    films: int
    positive: int
    areas: dict[str, Estimate]
    view_alone: Estimate
    view_betrayed: dict[str, Estimate]
    size_alone: Estimate
    size_betrayed: dict[str, float]
    sensitivity: Estimate
    specificity: Estimate
    brier: float
    calibration_error: float
    reliability: list[Bin]


@dataclass(frozen=True)
class Pointing:
    """Hit rates of Grad-CAM's strongest point, and of fingers that know nothing of the film."""

    films: int
    gradcam: Estimate
    gradcam_near_edge: Estimate
    best_place: Estimate
    centre: Estimate
    brightest: Estimate
    random: float


@dataclass(frozen=True)
class Report:
    """All figures of a package."""

    operating_point: float
    held_out: Figures
    evaluation: Figures
    evaluation_by_label: dict[str, Estimate]
    pointing: Pointing


@dataclass(frozen=True, eq=False)
class Answer:
    """What the model says of a film, and the points that are held against its boxes."""

    film: Film
    probability: float
    shape: tuple[int, int]
    strongest: pointing.Point | None
    brightest: pointing.Point


def figures_of(answers: Sequence[Answer], point: float) -> Figures:
    """Figures of a set of films at an operating point."""
    stated, pa = _stated(answers), np.array([answer.film.view == "PA" for answer in answers])
    truth = np.array([answer.film.positive for answer in answers])
    size = np.array([answer.film.path.stat().st_size for answer in answers], dtype=np.float64)
    called = stated >= point
    return Figures(
        films=len(answers),
        positive=int(truth.sum()),
        areas=areas(answers, truth),
        view_alone=_area(answers, truth, pa.astype(np.float64)),
        view_betrayed={
            "without": _area(answers, pa, stated, among=~truth),
            "with": _area(answers, pa, stated, among=truth),
        },
        size_alone=_area(answers, truth, size),
        size_betrayed={
            "without": float(spearmanr(stated[~truth], size[~truth]).statistic),
            "with": float(spearmanr(stated[truth], size[truth]).statistic),
        },
        sensitivity=share(int(called[truth].sum()), int(truth.sum())),
        specificity=share(int((~called)[~truth].sum()), int((~truth).sum())),
        brier=brier(truth, stated),
        calibration_error=calibration_error(truth, stated, _BINS),
        reliability=reliability(truth, stated, _BINS),
    )


def _stated(answers: Sequence[Answer]) -> NDArray[np.float64]:
    return np.array([answer.probability for answer in answers])


def areas(answers: Sequence[Answer], truth: NDArray[np.bool_]) -> dict[str, Estimate]:
    """AUC over all films, and over those of each view."""
    stated = _stated(answers)
    of = {view: np.array([answer.film.view == view for answer in answers]) for view in VIEWS}
    each = {view: _area(answers, truth, stated, among=among) for view, among in of.items()}
    return {"all": _area(answers, truth, stated), **each}


def _area(
    answers: Sequence[Answer],
    truth: NDArray[np.bool_],
    score: NDArray[np.float64],
    among: NDArray[np.bool_] | None = None,
) -> Estimate:
    chosen = np.arange(len(answers)) if among is None else np.flatnonzero(among)
    patients = [answers[int(k)].film.patient for k in chosen]
    return area_over_patients(truth[chosen], score[chosen], patients)


def pointing_of(answers: Sequence[Answer]) -> Pointing:
    """Hit rates on films with boxes, all of one size."""
    boxes, shape = [answer.film.boxes for answer in answers], answers[0].shape
    best = pointing.best_places(boxes, shape)
    return Pointing(
        films=len(answers),
        gradcam=_hit([answer.strongest for answer in answers], boxes),
        gradcam_near_edge=share(
            sum(pointing.near_edge(a.strongest, shape) for a in answers), len(answers)
        ),
        best_place=_hit(best, boxes),
        centre=_hit([pointing.centre(shape)] * len(boxes), boxes),
        brightest=_hit([answer.brightest for answer in answers], boxes),
        random=float(np.mean([pointing.covered_share(own, shape) for own in boxes])),
    )


def _hit(points: Sequence[pointing.Point | None], boxes: Sequence[pointing.Boxes]) -> Estimate:
    found = [pointing.hits(point, own) for point, own in zip(points, boxes, strict=True)]
    return share(sum(found), len(found))
