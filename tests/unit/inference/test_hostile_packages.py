"""Hostile packages: none runs, none starts a process, each is refused with a way out.

One child process opens all of them, with an audit hook that notes what Python would start or
connect to. It tries each in the way a person would (``radsal models import``), and folders also in
the way of somebody who put them into the model folder by hand (listed, then loaded).
"""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

hostile = runpy.run_path(str(Path(__file__).with_name("hostile_packages.py")))
CASES, INERT = hostile["CASES"], hostile["INERT"]

OPENS_ALL = r"""
import json, shutil, sys, warnings
from pathlib import Path
import torch, monai.networks.nets, monai.transforms
from radsal.cli.import_words import Words, recipe_of
from radsal.core.errors import KnownError
from radsal.core.progress import Progress
from radsal.core.resources import resource_path
from radsal.inference.classifier import classifier_for
from radsal.inference.package import read_package
from radsal.workers.child import resolve
import radsal.workflow.checking
from radsal.workflow.importing import import_bundle, import_weights, is_bundle

STARTS = ("subprocess.", "os.system", "os.exec", "os.fork", "os.spawn", "os.posix_spawn",
          "os.startfile", "pty.", "socket.", "ctypes.dlopen", "winreg.")
events = []
sys.addaudithook(lambda name, arguments: events.append(name) if name.startswith(STARTS) else None)
models, cases = Path(sys.argv[1]), json.loads(sys.stdin.read())

class Here:
    def __init__(self):
        self.compute = self
    def run(self, target, *arguments, timeout):
        yield Progress(0, 0)
        return resolve(target)(*arguments)

def finish(steps):
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value

def imported(source):
    words = Words(None, None, "DenseNet121", 1, "a,b", "64", "0,1", None, None, "sigmoid", (), None, None)
    if is_bundle(source):
        return finish(import_bundle(Here(), source, models, [resource_path("models")]))
    return finish(import_weights(Here(), source, models, [], recipe_of(source, words)))

def loaded(source):
    package = read_package(source)
    return classifier_for(source, package.identity.sha256)

def outcome(work, source):
    events.clear()
    try:
        work(source)
        told = {"code": None}
    except KnownError as error:
        told = {"code": error.code, "reason": error.reason, "remedy": error.remedy,
                "kind": type(error).__name__}
    except BaseException as error:
        told = {"code": "crash", "reason": repr(error)[:300]}
    left = sorted(p.name for p in models.iterdir()) if models.is_dir() else []
    shutil.rmtree(models, ignore_errors=True)
    return {**told, "events": list(events), "left": left}

answers = {}
for name, text in cases.items():
    source = Path(text)
    answers[name] = {"import": outcome(imported, source)}
    if source.is_dir() and not (source / "import.json").exists():
        answers[name]["load"] = outcome(loaded, source)
    elif source.is_dir():
        answers[name] = {"load": outcome(loaded, source)}
answers["a canary of the hook"] = {}
import subprocess
events.clear()
subprocess.run([sys.executable, "-c", ""])
answers["a canary of the hook"] = list(events)
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("canaries")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, canaries: Path) -> dict[str, Any]:
    top = tmp_path_factory.mktemp("hostile")
    sources = {
        name: str(build(top / f"package-{number}", canaries / f"canary-{number}"))
        for number, (name, build) in enumerate({**CASES, **INERT}.items())
    }
    done = subprocess.run(
        [sys.executable, "-c", OPENS_ALL, str(top / "models")],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_that_there_are_at_least_forty_and_the_hook_notices_a_process(
    answers: dict[str, Any],
) -> None:
    assert len(CASES) >= 40
    assert "subprocess.Popen" in answers["a canary of the hook"]


@pytest.mark.parametrize("name", CASES)
def test_that_it_is_refused_with_a_reason_and_a_remedy(answers: dict[str, Any], name: str) -> None:
    for way, told in answers[name].items():
        assert told["code"] not in (None, "crash"), (way, told)
        assert told["kind"] == "ModelRefusal"
        assert told["reason"]
        assert len(told["remedy"]) > 10
        assert told["events"] == []
        assert told["left"] == []


@pytest.mark.parametrize("name", INERT)
def test_that_what_is_never_read_never_runs(answers: dict[str, Any], name: str) -> None:
    for told in answers[name].values():
        assert told["code"] is None, told
        assert told["events"] == []


@pytest.mark.usefixtures("answers")
def test_that_no_canary_was_written(canaries: Path) -> None:
    assert list(canaries.iterdir()) == []
    assert not Path("/tmp/radsal-canary").exists()


def test_that_the_payloads_would_have_written_a_canary(tmp_path: Path) -> None:
    """The canary is one: opened carelessly, the first payload writes it."""
    source = hostile["CASES"]["a pickle as the file, with eval"](tmp_path / "p", tmp_path / "c")
    code = f"import torch; torch.load({str(source / 'models/model.pt')!r}, weights_only=False)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert (tmp_path / "c").read_text() == "it ran"
