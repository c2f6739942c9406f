"""A data folder like NIH's, with films of noise."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

LABELS = ("No Finding", "Pneumonia", "Infiltration|Pneumonia", "No Finding")


@pytest.fixture
def torch_as_it_was() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """24 films of 16 patients for training and two for evaluation."""
    folder, rng = tmp_path / "nih", np.random.default_rng(3)
    for part in ("train", "eval"):
        (folder / part).mkdir(parents=True)
    rows = []
    for k in range(24):
        name = f"{k % 16:08d}_{k // 16:03d}.png"
        Image.fromarray(rng.integers(0, 256, (60, 50), np.uint8)).save(folder / "train" / name)
        rows.append([name, LABELS[k % 4], "AP" if k % 16 < 8 else "PA", 40 + k, "F"])
    with (folder / "train.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["file", "labels", "view", "age", "sex"], *rows])
    (folder / "eval.json").write_text(json.dumps(evaluation()))
    return folder


def evaluation() -> dict[str, object]:
    box = {"source": "a reader", "xywh": [10.0, 20.0, 30.0, 5.0]}
    named = {"source": "another", "xywh": {"x": 10.0, "y": 20.0, "w": 30.0, "h": 5.0}}
    return {
        "00000099_001.png": {"boxes": [box, named], "labels": ["Pneumonia"], "view": "PA"},
        "00000098_001.png": {"boxes": [], "labels": ["Pneumonia"], "view": "AP"},
    }
