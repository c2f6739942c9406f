"""Models come in whole or not at all, are known by their hash, and go by one rename."""

import json
import os
import runpy
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import monai.networks.nets
import pytest
import safetensors.torch
import torch

from radsal import cli
from radsal.core.errors import ModelRefusal
from radsal.core.progress import Progress
from radsal.core.resources import resource_path
from radsal.core.results import MapStatus
from radsal.inference.classifier import classifier_for
from radsal.inference.content import content_files
from radsal.inference.networks import load_network
from radsal.inference.package import read_package
from radsal.inference.trust import TRUSTED, is_trusted
from radsal.workers.child import resolve
from radsal.workflow import compute
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.importing import import_bundle

originals = runpy.run_path(str(Path(__file__).parents[1] / "inference" / "torchvision_networks.py"))
DEMO = "demo-opacity"
LABELS = "Opacity,Effusion,Nodule"


class Here:
    """In place of the compute process: the same functions, called at once."""

    def __init__(self) -> None:
        self.compute = self
        self.targets: list[str] = []

    def run(self, target: str, *arguments: Any, timeout: float) -> Generator[Any, None, Any]:
        self.targets.append(target)
        yield Progress(0, 0)
        return resolve(target)(*arguments)

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *error: object) -> None:
        pass


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    here = Here()
    monkeypatch.setattr("radsal.cli.importing.Engines", lambda: here)
    return here


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RADSAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "home" / "models"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A demo model under another id, as somebody's bundle."""
    folder = tmp_path / "somebody" / "my-bundle"
    shutil.copytree(resource_path("models", DEMO), folder)
    path = folder / "configs/metadata.json"
    metadata = json.loads(path.read_text())
    metadata["radsal"]["id"] = "my-model"
    path.write_text(json.dumps(metadata))
    (folder / "LICENSE").write_text("free")
    return folder


def radsal(*arguments: object) -> int:
    def window(paths: object) -> int:
        raise AssertionError("a window was opened")

    return cli.run(["models", *map(str, arguments)], window)


def zipped(folder: Path, top: str = "") -> Path:
    path = folder.parent / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, top + file.relative_to(folder).as_posix())
    return path


def left_behind(models: Path) -> list[str]:
    return sorted(p.name for p in models.iterdir()) if models.is_dir() else []


def script_bundle(bundle: Path, canary: Path | None = None) -> Path:
    """The bundle as TorchScript that ignores its weights; it writes to the canary when it runs."""
    config = json.loads((bundle / "configs/inference.json").read_text())
    config["network_def"] = {"_target_": "TorchScript", "in_channels": 1, "out_channels": 3}
    (bundle / "configs/inference.json").write_text(json.dumps(config))
    (bundle / "models/model.safetensors").unlink()
    code = bundle.parent / "script.py"  # torch reads the source of what it compiles
    code.write_text(SCRIPT)
    where = str(bundle / "models/model.ts")
    arguments = [sys.executable, "-W", "ignore", str(code), where, str(canary or "")]
    subprocess.run(arguments, check=True, capture_output=True)
    return bundle


SCRIPT = """import sys
import torch
class Writes(torch.nn.Module):
    def __init__(self, name: str):
        super().__init__()
        self.name = name
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if len(self.name) > 0:
            written = torch.from_file(self.name, True, 8, dtype=torch.uint8).fill_(7)
            x = x + written.float().mean()
        return torch.stack([x.mean(), x.amax(), x.amin()])[None]
program = torch.jit.script(Writes(sys.argv[2]))
program.save(sys.argv[1])
"""


# --- in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["folder", "zip", "zip with a folder"])
def test_that_a_bundle_is_copied_checked_recorded_and_listed(
    bundle: Path, models: Path, here: Here, form: str, capsys: Any
) -> None:
    source = {"folder": lambda: bundle, "zip": lambda: zipped(bundle)}.get(
        form, lambda: zipped(bundle, "some/where/")
    )()
    assert radsal("import", source, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert left_behind(models) == ["my-model"]
    assert told["id"] == "my-model"
    assert [Path(name).name for name in told["left_out"]] == ["LICENSE"]
    placed = models / "my-model"
    assert content_files(placed) == content_files(bundle)
    for name in content_files(bundle):
        assert (placed / name).read_bytes() == (bundle / name).read_bytes()
    assert here.targets == ["radsal.workflow.checking:check_package"]
    assert radsal("verify", "my-model", "--json") == 0
    row = json.loads(capsys.readouterr().out)["models"][0]
    assert (row["status"], row["sha256"]) == ("unchanged", told["sha256"])


def test_that_bare_weights_become_a_whole_package(
    bundle: Path, models: Path, here: Here, tmp_path: Path, capsys: Any
) -> None:
    network = monai.networks.nets.resnet10(spatial_dims=2, n_input_channels=2, num_classes=3)
    torch.save({"epoch": 3, "state_dict": network.state_dict()}, tmp_path / "My Weights.pt")
    arguments = ["--network", "ResNet10", "--in-channels", "2", "--labels", LABELS, "--size", "64"]
    arguments += ["--scale", "-1024,1024", "--mean", "1,2", "--std", "3,4", "--name", "Mine"]
    arguments += ["--operating-point", "Nodule=0.2", "--modality", "CR,DX", "--view", "PA"]
    assert radsal("import", tmp_path / "My Weights.pt", *arguments) == 0
    package = read_package(models / "my-weights")
    assert package.labels == ("Opacity", "Effusion", "Nodule")
    assert package.operating_points == (0.5, 0.5, 0.2)
    assert package.intended.modality == ("CR", "DX")
    assert package.intended.view == ("PA",)
    assert package.name == "Mine"
    assert package.weights.name == "model.safetensors"
    steps = {step.name: step for step in package.preprocessing}
    assert (steps["ScaleIntensity"].get("minv"), steps["ScaleIntensity"].get("maxv")) == (
        -1024,
        1024,
    )
    assert steps["Resize"].get("spatial_size") == (64, 64)
    assert steps["NormalizeIntensity"].get("divisor") == (3, 4)
    assert "Not for diagnostic use" in package.card_text()


@pytest.mark.parametrize("network", ["DenseNet121", "ResNet18", "ResNet50"])
def test_that_weights_of_torchvision_are_imported_and_give_the_originals_logits(
    models: Path, here: Here, tmp_path: Path, network: str
) -> None:
    original = originals["network"](network, 1, 3)
    state = {f"module.{name}": tensor for name, tensor in original.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 7}, tmp_path / "w.pt")
    options = ("--network", network, "--labels", LABELS, "--scale", "-1024,1024", "--size", "96")
    assert radsal("import", tmp_path / "w.pt", *options) == 0
    module = load_network(read_package(models / "w"))
    image = torch.rand((1, 1, 96, 96), generator=torch.Generator().manual_seed(2)) * 2048 - 1024
    with torch.no_grad():
        torch.testing.assert_close(module(image), original(image), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("given", "points"), [((), (0.125, 0.5, 0.25)), (("Mass=0.75",), (0.5, 0.5, 0.75))]
)
def test_that_thresholds_of_torchxrayvision_serve_where_none_are_given(
    models: Path, here: Here, tmp_path: Path, given: tuple[str, ...], points: tuple[float, ...]
) -> None:
    state = originals["network"]("ResNet18", 1, 3).state_dict()
    state["op_threshs"] = torch.tensor([0.125, float("nan"), 0.25])
    safetensors.torch.save_file(state, tmp_path / "w.safetensors")
    options = ["--network", "ResNet18", "--labels", "a,b,Mass", "--scale", "-1024,1024"]
    for point in given:
        options += ["--operating-point", point]
    assert radsal("import", tmp_path / "w.safetensors", *options) == 0
    package = read_package(models / "w")
    assert package.operating_points == points
    assert ("op_threshs" in package.card_text()) == (not given)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--network"),
        (("--network", "DenseNet121", "--labels", "a"), "--scale"),
        (("--network", "DenseNet121", "--labels", "a", "--scale", "1"), "--scale takes 2 numbers"),
        (("--network", "DenseNet121", "--labels", "a", "--scale", "0,nan"), "--scale takes 2"),
        (("--network", "DenseNet121", "--labels", "a", "--scale", "0,1", "--activation", "x"), "sigmoid"),
        (("--network", "DenseNet121", "--labels", "a", "--scale", "0,1", "--operating-point", "b=1"), "LABEL"),
    ],
)  # fmt: skip
def test_that_weights_without_their_meaning_are_wrong_usage(
    models: Path, here: Here, tmp_path: Path, arguments: tuple[str, ...], named: str, capsys: Any
) -> None:
    (tmp_path / "w.pt").write_bytes(b"x")
    assert radsal("import", tmp_path / "w.pt", *arguments) == 2
    assert named in capsys.readouterr().err
    assert not models.exists()


def test_that_an_option_that_a_bundle_answers_itself_is_wrong_usage(
    bundle: Path, models: Path, here: Here
) -> None:
    assert radsal("import", bundle, "--labels", "a,b,c") == 2
    assert not models.exists()


def test_that_a_second_import_of_the_same_id_changes_nothing(
    bundle: Path, models: Path, here: Here, capsys: Any
) -> None:
    assert radsal("import", bundle) == 0
    (bundle / "docs/README.md").write_text("another")
    assert radsal("import", bundle) == 1
    assert "model-twice" in capsys.readouterr().err
    assert (models / "my-model/docs/README.md").read_text() != "another"
    assert left_behind(models) == ["my-model"]


def test_that_the_id_of_a_shipped_model_is_taken(models: Path, here: Here, capsys: Any) -> None:
    assert radsal("import", resource_path("models", DEMO)) == 1
    assert "ships with RadSal" in capsys.readouterr().err
    assert left_behind(models) == []


def test_that_a_model_that_cannot_be_asked_is_not_imported(
    bundle: Path, models: Path, here: Here, capsys: Any
) -> None:
    config = json.loads((bundle / "configs/inference.json").read_text())
    config["preprocessing"]["transforms"][1]["spatial_size"] = [2, 2]
    (bundle / "configs/inference.json").write_text(json.dumps(config))
    assert radsal("import", bundle) == 1
    assert "model-forward" in capsys.readouterr().err
    assert left_behind(models) == []


# --- known by its hash -------------------------------------------------------------------------


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


TAMPERED = [
    (lambda m: flip(m / "models/model.safetensors"), "models/model.safetensors was changed"),
    (lambda m: flip(m / "configs/metadata.json"), "configs/metadata.json was changed"),
    (lambda m: flip(m / "docs/README.md"), "docs/README.md was changed"),
    (lambda m: (m / "models/model.pt").write_bytes(b"x"), "models/model.pt was added"),
    (lambda m: (m / "extra.py").write_bytes(b"x"), "extra.py was added"),
    (lambda m: (m / "docs/README.md").unlink(), "docs/README.md was removed"),
    (lambda m: (m / "import.json").write_text("{}"), "record of its import, is damaged"),
]


@pytest.mark.parametrize(("tamper", "named"), TAMPERED, ids=[t[1] for t in TAMPERED])
def test_that_one_change_is_refused_by_name_when_listed_verified_and_loaded(
    bundle: Path, models: Path, here: Here, tamper: Any, named: str, capsys: Any
) -> None:
    radsal("import", bundle)
    sha256 = read_package(models / "my-model").identity.sha256
    tamper(models / "my-model")
    capsys.readouterr()
    for command in (("list",), ("verify",), ("show", "my-model")):
        assert radsal(*command) == 1
        assert named in capsys.readouterr().err
    with pytest.raises(ModelRefusal, match=named.split(" was", maxsplit=1)[0]) as caught:
        classifier_for(models / "my-model", sha256)
    assert caught.value.code == "model-changed"


def test_that_shipped_models_are_verified_and_a_folder_put_there_by_hand_is_told(
    bundle: Path, models: Path, capsys: Any
) -> None:
    assert radsal("verify", "--json") == 0
    assert {row["status"] for row in json.loads(capsys.readouterr().out)["models"]} == {"shipped"}
    shutil.copytree(bundle, models / "my-model")
    assert radsal("verify", "my-model") == 1
    assert "model-unrecorded" in capsys.readouterr().err
    assert radsal("verify", "absent") == 1
    assert "model-unknown" in capsys.readouterr().err


# --- out ---------------------------------------------------------------------------------------


def test_that_a_model_is_removed_after_asking_only(
    bundle: Path, models: Path, here: Here, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    radsal("import", bundle)
    for answer, there, status in ((False, ["my-model"], 1), (True, [], 0)):
        monkeypatch.setattr("typer.confirm", lambda question, err, answer=answer: answer)
        assert radsal("remove", "my-model") == status
        assert left_behind(models) == there


def test_that_a_broken_model_can_be_removed_and_a_shipped_one_cannot(
    bundle: Path, models: Path, here: Here, capsys: Any
) -> None:
    radsal("import", bundle)
    (models / "my-model/configs/metadata.json").write_text("{")
    assert radsal("remove", "my-model", "--yes") == 0
    assert left_behind(models) == []
    capsys.readouterr()
    assert radsal("remove", DEMO, "--yes") == 1
    assert "ships with RadSal" in capsys.readouterr().err
    assert (resource_path("models", DEMO) / "configs").is_dir()
    assert radsal("remove", "../somebody", "--yes") == 1
    assert bundle.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_that_of_a_linked_folder_the_link_alone_is_removed(bundle: Path, models: Path) -> None:
    models.mkdir(parents=True)
    (models / "my-model").symlink_to(bundle, target_is_directory=True)
    assert radsal("remove", "my-model", "--yes") == 0
    assert left_behind(models) == []
    assert (bundle / "models/model.safetensors").is_file()


# --- TorchScript -------------------------------------------------------------------------------


def test_that_torchscript_runs_after_trust_in_its_sha256_and_not_before(
    bundle: Path, models: Path, here: Here, tmp_path: Path, capsys: Any
) -> None:
    canary = tmp_path / "canary"
    script_bundle(bundle, canary)
    assert radsal("import", bundle, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["needs_trust"]
    sha256 = told["sha256"]
    with pytest.raises(ModelRefusal) as caught:
        classifier_for(models / "my-model", sha256)
    assert caught.value.code == "model-untrusted"
    assert sha256 in caught.value.remedy
    assert not canary.exists()
    assert radsal("trust", "0" * 64, "--yes") == 1
    assert not is_trusted(models, "0" * 64)
    assert radsal("trust", sha256, "--yes", "--json") == 0
    given = json.loads(capsys.readouterr().out)
    assert given["sha256"] == sha256
    assert given["by"]
    assert given["at"]
    assert canary.exists()
    assert classifier_for(models / "my-model", sha256).labels == ("Opacity", "Effusion", "Nodule")
    assert radsal("remove", "my-model", "--yes") == 0
    assert not is_trusted(models, sha256)


def test_that_torchscript_predicts_and_its_maps_say_why_there_are_none(
    bundle: Path, models: Path, here: Here, film: Any, finished: Any
) -> None:
    radsal("import", script_bundle(bundle))
    package = read_package(models / "my-model")
    assert radsal("trust", package.identity.sha256, "--yes") == 0
    analysis = finished(compute.analyse(film, AnalysisRequest.of(package)))
    assert len({prediction.logit for prediction in analysis.predictions}) == 3
    assert {item.status for item in analysis.maps} == {MapStatus.FAILED}
    assert all("TorchScript" in item.reason for item in analysis.maps)
    assert analysis.hot_spots == ()


def test_that_trust_in_one_content_is_none_in_another(
    bundle: Path, models: Path, here: Here, capsys: Any
) -> None:
    radsal("import", script_bundle(bundle), "--json")
    sha256 = json.loads(capsys.readouterr().out)["sha256"]
    radsal("trust", sha256, "--yes")
    radsal("remove", "my-model", "--yes")
    (bundle / "docs/README.md").write_text("one more word")
    radsal("import", bundle)
    package = read_package(models / "my-model")
    with pytest.raises(ModelRefusal, match="nobody has trusted"):
        classifier_for(package.folder, package.identity.sha256)


@pytest.mark.parametrize("text", ["", "[]", '{"trusted": [{"sha256": "x"}]}', "{" * 9999])
def test_that_a_damaged_list_of_trust_trusts_nobody(models: Path, text: str) -> None:
    models.mkdir(parents=True)
    (models / TRUSTED).write_text(text)
    assert not is_trusted(models, "x")


def test_that_a_model_without_code_needs_no_trust(
    bundle: Path, models: Path, here: Here, capsys: Any
) -> None:
    radsal("import", bundle)
    sha256 = read_package(models / "my-model").identity.sha256
    assert radsal("trust", sha256, "--yes") == 1
    assert "model-no-code" in capsys.readouterr().err


# --- kill -9 -----------------------------------------------------------------------------------

SLOW = r"""
import os, sys, time
from pathlib import Path
from radsal.inference import importing
from radsal.inference.package import read_package
stop, source, models = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])

def wait(*arguments):
    print("here", flush=True)
    time.sleep(600)

if stop == "copy":
    plain, seen = importing._copy, []
    def copy(*arguments):
        plain(*arguments)
        seen.append(1)
        len(seen) == 2 and wait()
    importing._copy = copy
elif stop == "record":
    importing._write_through = wait
elif stop == "rename":
    Path.rename = wait
with importing.staging(models, "my-model") as folder:
    importing.copy_bundle(source, folder)
    importing.commit(folder, read_package(folder), models, "bundle")
importing._sync_folder = wait if stop == "after" else importing._sync_folder
wait()
"""


@pytest.mark.parametrize(
    ("stop", "there"), [("copy", False), ("record", False), ("rename", False), ("after", True)]
)
def test_that_a_kill_leaves_the_whole_package_or_none(
    bundle: Path, models: Path, here: Here, stop: str, there: bool, capsys: Any
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, stop, str(bundle), str(models)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert radsal("verify", "my-model") == (0 if there else 1)
    capsys.readouterr()
    if not there:
        assert radsal("list") == 0
        (hidden,) = models.glob(".importing-*")
        long_ago = time.time() - 3 * 24 * 3600
        os.utime(hidden, (long_ago, long_ago))
        assert radsal("import", bundle) == 0
        assert left_behind(models) == ["my-model"]


def test_that_a_stopped_import_leaves_nothing(bundle: Path, models: Path) -> None:
    steps = import_bundle(Here(), bundle, models, [])  # type: ignore[arg-type]
    next(steps)
    next(steps)
    steps.close()
    assert left_behind(models) == []
