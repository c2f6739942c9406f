"""Measure the two demo models: ``python -m radsal.demo.evaluate [--models DIR] [--phantoms N]``.

Prints one JSON document. The films are held-out phantoms (:data:`radsal.demo.recipe.HELD_OUT`) and
both models see the same ones. On the films for the AUC the ID tag is independent of the opacity. The
normals are then shown once more, each with an ID tag: how often does a model call opacity, and does
its strongest Grad-CAM hot spot touch the tag?
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from radsal.core.identity import ImageIdentity
from radsal.core.resources import resource_path
from radsal.core.results import HotSpot
from radsal.demo.burn_in import Wanted
from radsal.demo.grid import Mask
from radsal.demo.phantom import FINDINGS, Phantom, make_scene, with_text
from radsal.demo.recipe import HELD_OUT, SHORTCUT, SOUND
from radsal.demo.statistics import auc_with_interval, calibration_error
from radsal.demo.training_set import kind_of
from radsal.hotspots.find import find_hot_spots
from radsal.inference.classifier import Classifier, load_classifier
from radsal.inference.package import read_package
from radsal.saliency.methods import method_named

_ROWS = 320
_WORKERS = 2


@dataclass(frozen=True)
class HeldOut:
    """One held-out phantom: a film with or without a tag by chance, and a normal's tagged film."""

    film: Phantom
    tagged_normal: Phantom | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m radsal.demo.evaluate")
    parser.add_argument("--models", type=Path, default=resource_path("models"))
    parser.add_argument("--phantoms", type=int, default=len(HELD_OUT))
    asked = parser.parse_args(arguments)
    print(json.dumps(evaluate(asked.models, HELD_OUT[: asked.phantoms]), indent=1))
    return 0


def evaluate(models: Path, seeds: Sequence[int]) -> dict[str, object]:
    """Figures of both models on the phantoms of the seeds."""
    cases = held_out(seeds)
    figures = {name: _figures(models / name, cases) for name in (SOUND, SHORTCUT)}
    return {
        "phantoms": len(cases),
        "normals": sum(case.tagged_normal is not None for case in cases),
        "models": figures,
    }


def held_out(seeds: Sequence[int]) -> list[HeldOut]:
    """Render the phantoms of the seeds, in their order."""
    with ProcessPoolExecutor(_WORKERS, get_context("spawn")) as pool:
        return list(pool.map(_held_out_one, seeds, chunksize=4))


def _held_out_one(seed: int) -> HeldOut:
    rng = np.random.default_rng([seed, 14])
    scene = make_scene(seed, rows=_ROWS, opacity=kind_of(seed))
    tag, marker, position = (bool(draw) for draw in rng.random(3) < [0.5, 0.8, 0.3])
    film = with_text(scene, Wanted(tag, marker, position))
    if scene.labels["Opacity"]:
        return HeldOut(film, None)
    return HeldOut(film, with_text(scene, Wanted(True, marker, position)))


def _figures(folder: Path, cases: Sequence[HeldOut]) -> dict[str, object]:
    torch.set_num_threads(2)
    classifier = load_classifier(read_package(folder), "cpu")
    probability = np.array([_probabilities(classifier, case.film) for case in cases])
    truth = np.array([[case.film.labels[name] for name in FINDINGS] for case in cases])
    normals = [case.tagged_normal for case in cases if case.tagged_normal is not None]
    called = np.array([_calls_opacity(classifier, film) for film in normals])
    touched = np.array([touches_tag(top_hot_spot(classifier, film), film) for film in normals])
    points = np.array(classifier.package.operating_points)
    hits = probability >= points
    return {
        "auc": {
            name: dict(
                zip(("auc", "low", "high"), _interval(truth[:, k], probability[:, k]), strict=True)
            )
            for k, name in enumerate(FINDINGS)
        },
        "operating_points": dict(zip(FINDINGS, points.tolist(), strict=True)),
        "sensitivity": {n: float(hits[truth[:, k], k].mean()) for k, n in enumerate(FINDINGS)},
        "specificity": {n: float((~hits[~truth[:, k], k]).mean()) for k, n in enumerate(FINDINGS)},
        "calibration_error_opacity": calibration_error(truth[:, 0], probability[:, 0]),
        "tagged_normals_called_opacity": float(called.mean()),
        "tagged_normals_top_hot_spot_on_tag": float(touched.mean()),
    }


def _interval(truth: Mask, probability: np.ndarray) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in auc_with_interval(truth, probability))


def _pixels(film: Phantom) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.asarray(film.pixels, dtype=np.float32)


def _probabilities(classifier: Classifier, film: Phantom) -> list[float]:
    predictions = classifier.predict(classifier.prepare(_pixels(film)).tensor)
    return [prediction.probability for prediction in predictions]


def _calls_opacity(classifier: Classifier, film: Phantom) -> bool:
    return _probabilities(classifier, film)[0] >= classifier.package.operating_points[0]


def top_hot_spot(classifier: Classifier, film: Phantom) -> HotSpot | None:
    """The hot spot with the largest share of the Grad-CAM map for opacity, if there is one."""
    prepared = classifier.prepare(_pixels(film))
    explained = method_named("gradcam").explain(classifier, prepared, ["Opacity"])
    digest = hashlib.sha256(film.pixels.tobytes()).hexdigest()
    identity = ImageIdentity(f"2.25.{film.seed}", 1, digest)
    spots = find_hot_spots(
        explained.maps[0], film.pixels.shape, image=identity, model=classifier.package.identity
    )
    return spots[0] if spots else None


def touches_tag(spot: HotSpot | None, film: Phantom) -> bool:
    """Whether the hot spot's region and the ID tag share a pixel."""
    if spot is None:
        return False
    region = Image.new("1", film.pixels.shape[::-1])
    ImageDraw.Draw(region).polygon([(float(c), float(r)) for r, c in spot.contour], fill=1)
    return bool((np.asarray(region) & film.masks["id"]).any())


if __name__ == "__main__":
    raise SystemExit(main())
