"""Measure the committed weights: ``python -m radsal.demo.nih.evaluate [--data DIR] [--model DIR]``.

Prints the figures of the model card as Markdown, or with ``--json`` as one document. Films are read,
prepared, classified and explained by RadSal itself. The held-out patients chose the temperature and
the operating point; the films of ``nih/eval`` chose nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from radsal.core.resources import resource_path
from radsal.demo.nih import pointing
from radsal.demo.nih.card import card_lines
from radsal.demo.nih.figures import Answer, Report, areas, figures_of, pointing_of
from radsal.demo.nih.films import Film, evaluation_films, split, training_films
from radsal.demo.nih.recipe import FINDING, ID, Recipe
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.reading import read_radiograph
from radsal.inference.classifier import Classifier, load_classifier
from radsal.inference.package import read_package
from radsal.saliency.methods import method_named

DATA = Path("../shared/data/nih")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m radsal.demo.nih.evaluate")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", type=Path, default=resource_path("models", ID))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    report = evaluate(asked.model, asked.data)
    print(json.dumps(asdict(report), indent=1) if asked.json else "\n".join(card_lines(report)))
    return 0


def evaluate(model: Path, data: Path) -> Report:
    """Figures of one package on the held-out patients and on the films for evaluation."""
    classifier = load_classifier(read_package(model), "cpu")
    films, recipe = training_films(data), Recipe()
    held = [films[k] for k in split(films, recipe.held_out, recipe.seed)[1]]
    held_out = [_answer(classifier, film) for film in held]
    evaluation = [_answer(classifier, film) for film in evaluation_films(data)]
    point = classifier.package.operating_points[0]
    labelled = np.array([answer.film.labelled for answer in evaluation])
    return Report(
        operating_point=point,
        held_out=figures_of(held_out, point),
        evaluation=figures_of(evaluation, point),
        evaluation_by_label=areas(evaluation, labelled),
        pointing=pointing_of([answer for answer in evaluation if answer.film.boxes]),
    )


def _answer(classifier: Classifier, film: Film) -> Answer:
    pixels = model_input(read_radiograph(film.path)).pixels
    rows, columns = pixels.shape
    prepared = classifier.prepare(pixels)
    explained = method_named("gradcam").explain(classifier, prepared, [FINDING])
    return Answer(
        film,
        explained.predictions[0].probability,
        (rows, columns),
        pointing.strongest(explained.maps[0], (rows, columns)),
        pointing.brightest(pixels),
    )


if __name__ == "__main__":
    raise SystemExit(main())
