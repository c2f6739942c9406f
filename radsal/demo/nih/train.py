"""Train the model: ``python -m radsal.demo.nih.train --data ../shared/data/nih --out DIR``.

Deterministic: seeds fix the split, the first weights and every draw, the number of threads is
stated, and torch is held to deterministic algorithms, so one machine gives the same bytes each time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from radsal.demo.nih.calibration import (
    Calibration,
    fit_calibration,
    point_of_sensitivity,
    probability,
)
from radsal.demo.nih.films import Film, split, training_films
from radsal.demo.nih.fitting import fit, logits
from radsal.demo.nih.inputs import stored_inputs
from radsal.demo.nih.package import write_package
from radsal.demo.nih.recipe import ID, INPUT, STORED, Recipe
from radsal.demo.nih.uncertainty import area


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; prints one JSON document of what was done."""
    parser = argparse.ArgumentParser(prog="python -m radsal.demo.nih.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.csv and train/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the package")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="of split and training")
    asked = parser.parse_args(arguments)
    recipe = replace(Recipe(), epochs=asked.epochs, seed=asked.seed)
    print(json.dumps(train(training_films(asked.data), recipe, asked.out / ID), indent=1))
    return 0


def train(films: Sequence[Film], recipe: Recipe, folder: Path) -> dict[str, object]:
    """Learn, calibrate on the held-out patients, and write the package."""
    started = time.monotonic()
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(True)
    learnt, held = ([films[k] for k in part] for part in split(films, recipe.held_out, recipe.seed))
    network = fit(learnt, stored_inputs(learnt, STORED), recipe, _tell)
    truth = np.array([film.positive for film in held])
    raw = logits(network, stored_inputs(held, INPUT))
    calibration = fit_calibration(truth, raw)
    stated = probability(calibration(raw))
    point = round(point_of_sensitivity(truth, stated, recipe.sensitivity), 4)
    build_in(calibration, network)
    write_package(folder, network.state_dict(), point, len(learnt))
    return {
        "recipe": asdict(recipe),
        "films": {"learnt from": len(learnt), "held out": len(held)},
        "calibration": asdict(calibration),
        "operating_point": point,
        "auc_held_out": area(truth, raw),
        "seconds": time.monotonic() - started,
    }


@torch.no_grad()
def build_in(calibration: Calibration, network: nn.Module) -> None:
    """Let the network's last layer give calibrated logits: nothing has to be done at inference."""
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    last.weight.div_(calibration.temperature)
    last.bias.div_(calibration.temperature).add_(calibration.shift)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
