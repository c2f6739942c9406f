"""Story: an engineer brings weights of elsewhere, asks them, and takes them away again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
from monai.networks.nets import resnet10

WATCHED = r"""
import sys
started = []
sys.addaudithook(lambda name, given: started.append(given[1]) if name == "subprocess.Popen" else None)
from radsal.__main__ import main
sys.argv[0] = "radsal"
status = main()
heavy = sorted({"torch", "monai", "safetensors"} & set(sys.modules))
print(f"heavy={heavy} started={len(started)}", file=sys.stderr)
raise SystemExit(status)
"""


def radsal(home: Path, *arguments: object, check: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "RADSAL_HOME": str(home)},
        check=False,
    )
    assert done.returncode == check, done.stderr
    assert "heavy=[] started=0" in done.stderr  # torch is in the worker only
    return done.stdout, done.stderr


@pytest.mark.slow
def test_that_weights_come_in_are_asked_are_known_by_their_hash_and_go(
    tmp_path: Path, demo_films: list[Path]
) -> None:
    home, file = tmp_path / "home", tmp_path / "w.safetensors"
    network = resnet10(spatial_dims=2, n_input_channels=1, num_classes=2)
    safetensors.torch.save_file(dict(network.state_dict()), file)
    options = (
        "--network",
        "resnet10",
        "--labels",
        "Opacity,Mass",
        "--scale",
        "0,1",
        "--size",
        "96",
    )
    imported: dict[str, Any] = json.loads(
        radsal(home, "models", "import", file, "--id", "mine", *options, "--json")[0]
    )
    analysed = json.loads(radsal(home, "analyze", demo_films[0], "--model", "mine", "--json")[0])
    assert analysed["results"][0]["model"] == {"id": "mine", "sha256": imported["sha256"]}
    weights = home / "models/mine/models/model.safetensors"
    raw = weights.read_bytes()
    weights.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    for command in (("models", "verify"), ("analyze", demo_films[0], "--model", "mine")):
        told = radsal(home, *command, check=1)[1]
        assert "models/model.safetensors was changed" in told
    radsal(home, "models", "remove", "mine", "--yes")
    assert list((home / "models").iterdir()) == []


@pytest.mark.slow
def test_that_hostile_weights_are_refused_by_the_worker_and_leave_nothing(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "w.pt"
    file.write_bytes(b"cos\nsystem\n(S'echo x > " + str(tmp_path / "canary").encode() + b"'\ntR.")
    options = ("--network", "DenseNet121", "--labels", "a", "--scale", "0,1")
    told = radsal(home, "models", "import", file, *options, check=1)[1]
    assert "weights_only" in told
    assert not (tmp_path / "canary").exists()
    assert list((home / "models").iterdir()) == []
