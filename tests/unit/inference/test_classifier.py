"""Images in, predictions out: the same each time, and on a device that is named."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from radsal.core.errors import KnownError, ModelRefusal
from radsal.inference.classifier import Classifier, classifier_for, load_classifier
from radsal.inference.devices import Device, choose_device
from radsal.inference.networks import load_network
from radsal.inference.package import ModelPackage, read_package

CPU = Device(torch.device("cpu"), "cpu")


@pytest.fixture
def package(write_package: Any) -> ModelPackage:
    return read_package(write_package())


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).random((120, 90), dtype=np.float32)


def test_that_predictions_are_the_networks_logits_and_their_sigmoid(
    package: ModelPackage, image: np.ndarray, densenet: Any
) -> None:
    classifier = load_classifier(package, "cpu")
    prepared = classifier.prepare(image)
    with torch.no_grad():
        logits = densenet(0)(prepared.tensor)[0]
    predictions = classifier.predict(prepared.tensor)
    assert [p.finding for p in predictions] == ["Opacity", "Effusion"]
    assert [p.logit for p in predictions] == pytest.approx(logits.tolist(), rel=1e-6)
    expected = torch.sigmoid(logits.double()).tolist()
    assert [p.probability for p in predictions] == pytest.approx(expected, rel=1e-6)
    assert [p.operating_point for p in predictions] == [0.4, 0.6]


def test_that_softmax_shares_one_probability_among_the_labels(
    write_package: Any, sound_inference: Any, image: np.ndarray
) -> None:
    config = sound_inference()
    config["postprocessing"]["transforms"][0] = {"_target_": "Activations", "softmax": True}
    classifier = load_classifier(read_package(write_package(config=config)), "cpu")
    predictions = classifier.predict(classifier.prepare(image).tensor)
    logits = torch.tensor([p.logit for p in predictions], dtype=torch.float64)
    expected = torch.softmax(logits, 0).tolist()
    assert [p.probability for p in predictions] == pytest.approx(expected)


@pytest.mark.parametrize("logit", [-1e4, -40.0, 0.0, 40.0, 1e4])
def test_that_extreme_logits_stay_probabilities(package: ModelPackage, logit: float) -> None:
    classifier = load_classifier(package, "cpu")
    first, _ = classifier.predictions(torch.tensor([[logit, 0.0]]))
    assert 0 <= first.probability <= 1
    assert first.logit == logit


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_that_an_output_that_is_no_number_is_an_error_not_a_prediction(
    package: ModelPackage, bad: float
) -> None:
    classifier = load_classifier(package, "cpu")
    with pytest.raises(KnownError, match="no number"):
        classifier.predictions(torch.tensor([[bad, 0.0]]))


def test_that_asking_changes_nothing_in_the_model_and_gives_the_same_bits(
    package: ModelPackage, image: np.ndarray
) -> None:
    classifier = load_classifier(package, "cpu")
    tensor = classifier.prepare(image).tensor
    before = {name: t.clone() for name, t in classifier.module.state_dict().items()}
    given = tensor.clone()
    answers = [classifier.predict(tensor) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert all(torch.equal(t, before[n]) for n, t in classifier.module.state_dict().items())
    assert torch.equal(tensor, given)
    assert torch.is_grad_enabled()


def test_that_a_classifier_evaluates_even_if_its_module_was_training(
    package: ModelPackage,
) -> None:
    module = load_network(package).train().requires_grad_(True)
    classifier = Classifier(package, module, CPU)
    assert not any(part.training for part in classifier.module.modules())
    assert not any(p.requires_grad for p in classifier.module.parameters())


def test_that_the_wrong_number_of_channels_is_refused(
    write_package: Any, sound_inference: Any, image: np.ndarray
) -> None:
    config = sound_inference()
    config["preprocessing"]["transforms"].append({"_target_": "RepeatChannel", "repeats": 3})
    classifier = load_classifier(read_package(write_package(config=config)), "cpu")
    with pytest.raises(ModelRefusal, match="3 channels"):
        classifier.prepare(image)


def test_that_a_package_changed_after_reading_is_not_loaded(package: ModelPackage) -> None:
    (package.folder / "docs/README.md").write_text("# Better than it is\n")
    with pytest.raises(ModelRefusal, match="changed"):
        load_classifier(package, "cpu")


def test_that_a_loaded_classifier_is_kept_by_its_sha256(package: ModelPackage) -> None:
    first = classifier_for(package.folder, package.identity.sha256, "cpu")
    assert classifier_for(package.folder, package.identity.sha256, "cpu") is first
    with pytest.raises(ModelRefusal, match="not the ones"):
        classifier_for(package.folder, "0" * 64, "cpu")


class Fits(nn.Module):
    """Runs out of CUDA memory a given number of times, then answers."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.failures:
            self.failures -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return x.new_tensor([[0.5, -0.5]])


def test_that_out_of_memory_falls_back_to_the_cpu_and_says_so(package: ModelPackage) -> None:
    pretended = Device(torch.device("meta"), "cuda:0 Pretended")
    classifier = Classifier(package, Fits(1), CPU)
    classifier.device = pretended
    predictions = classifier.predict(torch.zeros(1, 1, 8, 8))
    assert [p.logit for p in predictions] == [0.5, -0.5]
    assert classifier.device.label == "cpu (fallback: CUDA out of memory)"


def test_that_out_of_memory_on_the_cpu_is_not_hidden(package: ModelPackage) -> None:
    classifier = Classifier(package, Fits(9), CPU)
    with pytest.raises(MemoryError):
        classifier.predict(torch.zeros(1, 1, 8, 8))
    assert classifier.device.label == "cpu"


class Small(nn.Module):
    """Has room for so many inputs at once; remembers how many it was given."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room, self.given = room, list[int]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.given.append(len(x))
        if len(x) > self.room and x.device.type == "meta":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return x.amax((1, 2, 3))


@pytest.mark.parametrize(
    ("room", "sizes", "label"),
    [
        (8, [8, 2], "cuda:0 Pretended"),
        (3, [8, 4, 2, 2, 2, 2, 2], "cuda:0 Pretended (batches of 2: CUDA out of memory)"),
        (1, [8, 4, 2, *[1] * 10], "cuda:0 Pretended (batches of 1: CUDA out of memory)"),
        (0, [8, 4, 2, *[1] * 11], "cpu (fallback: CUDA out of memory)"),
    ],
)
def test_that_batches_become_smaller_before_the_device_is_left(
    package: ModelPackage, room: int, sizes: list[int], label: str
) -> None:
    module = Small(room)
    classifier = Classifier(package, module, CPU)
    classifier.device = Device(torch.device("meta"), "cuda:0 Pretended")
    classifier.batch = 8
    answers = classifier.run_batch(lambda net, x: list(net(x)), torch.ones(10, 1, 4, 4))
    assert len(answers) == 10
    assert module.given == sizes
    assert classifier.device.label == label
    assert all(a.device.type == ("cpu" if label.startswith("cpu") else "meta") for a in answers)


def test_that_answers_of_halved_batches_stay_in_their_order(package: ModelPackage) -> None:
    class Narrow(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if len(x) > self.room:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return x.amax((1, 2, 3))

    classifier = Classifier(package, Narrow(3), CPU)
    classifier.batch = 8
    inputs = torch.arange(10.0)[:, None, None, None].expand(10, 1, 4, 4)
    answers = classifier.run_batch(lambda net, x: net(x).tolist(), inputs)
    assert answers == list(range(10))


def test_that_an_error_which_is_not_of_memory_goes_on(package: ModelPackage) -> None:
    def fail(module: nn.Module, tensor: torch.Tensor) -> list[None]:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        Classifier(package, Small(1), CPU).run_batch(fail, torch.zeros(1, 1, 8, 8))


def test_that_a_team_shares_its_weights_and_not_its_modules(
    package: ModelPackage, image: np.ndarray
) -> None:
    classifier = load_classifier(package, "cpu")
    one, other = classifier.team(2)
    assert classifier.team(2) == (one, other)
    assert one.module is not other.module is not classifier.module
    tensors = [member.module.state_dict() for member in (classifier, one, other)]
    for name, tensor in tensors[0].items():
        assert tensor.data_ptr() == tensors[1][name].data_ptr() == tensors[2][name].data_ptr()
    tensor = classifier.prepare(image).tensor
    assert one.predict(tensor) == other.predict(tensor) == classifier.predict(tensor)


def test_that_a_model_is_run_once_before_the_first_film(
    package: ModelPackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[torch.Tensor] = []
    monkeypatch.setattr(Classifier, "predict", lambda self, tensor: asked.append(tensor))
    classifier_for.cache_clear()
    classifier_for(package.folder, package.identity.sha256, "cpu")
    assert [tuple(tensor.shape) for tensor in asked] == [(1, 1, 64, 48)]
    classifier_for.cache_clear()


@pytest.mark.parametrize(
    ("cuda", "mps", "choice", "label"),
    [
        (True, True, "auto", "cuda:0 Pretended"),
        (False, True, "auto", "mps"),
        (False, False, "auto", "cpu"),
        (True, True, "cpu", "cpu"),
        (True, True, "mps", "mps"),
    ],
)
def test_that_the_device_is_chosen_in_order_and_named(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, choice: str, label: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Pretended")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device(choice).label.startswith(label)


def test_that_a_device_asked_for_by_name_is_not_replaced_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(KnownError, match="cuda"):
        choose_device("cuda")
    with pytest.raises(ValueError, match="one of"):
        choose_device("tpu")
