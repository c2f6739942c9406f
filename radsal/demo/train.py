"""Train the two demo models: ``python -m radsal.demo.train --out DIR``.

Deterministic: seeds fix the films and the order of the batches, each twin learns on one thread, and
torch is held to deterministic algorithms, so one machine gives the same bits each time.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from monai.networks.nets import DenseNet
from numpy.typing import NDArray
from torch import nn

from radsal.demo.bundle import write_bundle
from radsal.demo.phantom import FINDINGS
from radsal.demo.recipe import NETWORK, TWINS, Recipe, Twin
from radsal.demo.statistics import calibration_error, youden_point
from radsal.demo.training_set import Films, as_batch, make_films

_WORKERS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; prints one JSON document of what was done."""
    parser = argparse.ArgumentParser(prog="python -m radsal.demo.train", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the two bundles")
    parser.add_argument(
        "--train", type=int, default=Recipe.train, help="number of training phantoms"
    )
    parser.add_argument("--validation", type=int, default=Recipe.validation)
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    asked = parser.parse_args(arguments)
    recipe = replace(Recipe(), train=asked.train, validation=asked.validation, epochs=asked.epochs)
    print(json.dumps(train_twins(recipe, asked.out), indent=1))
    return 0


def train_twins(recipe: Recipe, out: Path) -> dict[str, object]:
    """Render, train both twins side by side, and write their bundles below ``out``."""
    started = time.monotonic()
    films = make_films(recipe.train_seeds(), recipe.looks, training=True, workers=_WORKERS)
    checks = make_films(recipe.validation_seeds(), 1, training=False, workers=_WORKERS)
    rendered = time.monotonic() - started
    _tell(f"rendered {recipe.train} + {recipe.validation} phantoms in {rendered:.0f} s")
    jobs = [(twin, recipe, films[twin.id], checks[twin.id], out) for twin in TWINS]
    with ProcessPoolExecutor(_WORKERS, get_context("spawn")) as pool:
        results = list(pool.map(_train_one, jobs))
    return {
        "recipe": asdict(recipe),
        "seconds": {"rendering": rendered, "all": time.monotonic() - started},
        "models": dict(zip([twin.id for twin in TWINS], results, strict=True)),
    }


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _train_one(job: tuple[Twin, Recipe, Films, Films, Path]) -> dict[str, object]:
    """Train one twin in a process of its own and write its bundle."""
    twin, recipe, films, check, out = job
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(recipe.seed)
    network = DenseNet(**{key: value for key, value in NETWORK.items() if key != "_target_"})
    network.to(memory_format=torch.channels_last)  # 1.7 times as fast on a CPU
    _fit(network, films, recipe, twin.id)
    probability = predict(network, check.inputs)
    points = {
        name: round(youden_point(check.truth[:, k] > 0.5, probability[:, k]), 4)
        for k, name in enumerate(FINDINGS)
    }
    write_bundle(out / twin.id, twin, network.state_dict(), points, recipe)
    return {
        "operating_points": points,
        "tagged_with_opacity": float(films.tagged[films.truth[:, 0] > 0.5].mean()),
        "tagged_without_opacity": float(films.tagged[films.truth[:, 0] < 0.5].mean()),
        "calibration_error": calibration_error(check.truth[:, 0] > 0.5, probability[:, 0]),
    }


def _fit(network: nn.Module, films: Films, recipe: Recipe, name: str) -> None:
    """Binary cross-entropy on all findings, AdamW, one cycle of the learning rate."""
    steps = len(films.truth) // recipe.batch
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=steps * recipe.epochs, pct_start=0.2
    )
    loss_of = nn.BCEWithLogitsLoss()
    rng = np.random.default_rng(recipe.seed)
    network.train()
    for epoch in range(recipe.epochs):
        total, order = 0.0, rng.permutation(len(films.truth))
        for step in range(steps):
            chosen = np.sort(order[step * recipe.batch : (step + 1) * recipe.batch])
            batch = _moved(as_batch(films.inputs[chosen]), rng)
            batch = batch.contiguous(memory_format=torch.channels_last)
            loss = loss_of(network(batch), torch.from_numpy(films.truth[chosen]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        _tell(f"{name} epoch {epoch + 1}/{recipe.epochs} loss {total / steps:.4f}")


def _moved(batch: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """The batch shifted by up to eight pixels, its edges repeated."""
    down, across = (int(v) for v in rng.integers(-8, 9, 2))
    padded = nn.functional.pad(batch, (8, 8, 8, 8), mode="replicate")
    size = batch.shape[-1]
    return padded[..., 8 + down : 8 + down + size, 8 + across : 8 + across + size]


@torch.no_grad()
def predict(network: nn.Module, inputs: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Probabilities ``(n, 3)`` of uint8 inputs ``(n, 224, 224)``."""
    network.eval()
    parts = [
        torch.sigmoid(network(as_batch(inputs[k : k + 64]))) for k in range(0, len(inputs), 64)
    ]
    return np.asarray(torch.cat(parts).double().numpy())


if __name__ == "__main__":
    raise SystemExit(main())
