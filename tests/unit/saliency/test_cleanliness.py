"""The matrix: every method, several networks, normal and failing runs leave nothing behind."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import CATALOGUE
from radsal.saliency.layers import last_spatial_layer
from radsal.saliency.methods import method_named

LABELS = ("Opacity", "Effusion", "Nodule")
HOOKS = [name for name in vars(nn.Module()) if name.endswith(("_hooks", "_kwargs"))]


class Broken(RuntimeError):
    """Raised half-way."""


def state_of(module: nn.Module) -> dict[str, Any]:
    """Everything of a module that a method could leave changed."""
    return {
        "hooks": Counter(
            {(path, name): len(getattr(part, name)) for path, part in module.named_modules()
             for name in HOOKS}
        ),
        "training": [(path, part.training) for path, part in module.named_modules()],
        "inplace": [(path, getattr(part, "inplace", None)) for path, part in module.named_modules()],
        "requires_grad": [(path, p.requires_grad) for path, p in module.named_parameters()],
        "grad": [(path, None if p.grad is None else p.grad.sum().item())
                 for path, p in module.named_parameters()],
        "values": [(path, t.double().sum().item()) for path, t in module.state_dict().items()],
        "methods": [(path, sorted(vars(part))) for path, part in module.named_modules()],
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
    }  # fmt: skip


@contextmanager
def failing(module: nn.Module, where: str, layer: str) -> Iterator[None]:
    """Make a forward pass fail before, at or after the target layer, without leaving a hook."""
    parts = [part for part in module.modules() if not list(part.children())]
    victim = {"first": parts[0], "at the layer": module.get_submodule(layer), "last": parts[-1]}
    part = victim[where]

    def broken(*_args: Any, **_kwargs: Any) -> Tensor:
        raise Broken

    part.forward = broken  # type: ignore[method-assign]
    try:
        yield
    finally:
        del part.__dict__["forward"]


@pytest.mark.parametrize("mode", ["grad", "no_grad", "inference"])
@pytest.mark.parametrize("name", CATALOGUE)
def test_that_a_normal_run_leaves_the_model_as_it_was(
    network: nn.Module,
    prepared: Prepared,
    make_classifier: Callable[..., Classifier],
    name: str,
    mode: str,
) -> None:
    classifier = make_classifier(network)
    given = prepared.tensor.clone()
    context = {
        "grad": torch.enable_grad, "no_grad": torch.no_grad, "inference": torch.inference_mode
    }[mode]  # fmt: skip
    with context():
        before = state_of(network)
        method_named(name).explain(classifier, prepared, LABELS)
        assert state_of(network) == before
    assert torch.equal(prepared.tensor, given)
    assert not prepared.tensor.requires_grad


@pytest.mark.parametrize("where", ["first", "at the layer", "last"])
@pytest.mark.parametrize("name", CATALOGUE)
def test_that_a_run_that_fails_half_way_leaves_the_model_as_it_was(
    network: nn.Module,
    prepared: Prepared,
    make_classifier: Callable[..., Classifier],
    name: str,
    where: str,
) -> None:
    classifier = make_classifier(network)
    layer = last_spatial_layer(network, prepared.tensor).name
    before = state_of(network)
    with failing(network, where, layer), pytest.raises(Broken):
        method_named(name).explain(classifier, prepared, LABELS)
    assert state_of(network) == before


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_a_failure_in_the_backward_pass_leaves_the_model_as_it_was(
    network: nn.Module,
    prepared: Prepared,
    make_classifier: Callable[..., Classifier],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> Tensor:
        raise Broken

    classifier = make_classifier(network)
    before = state_of(network)
    monkeypatch.setattr(torch.autograd, "grad", broken)
    with pytest.raises(Broken):
        method_named(name).explain(classifier, prepared, LABELS)
    assert state_of(network) == before


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_flags_gradients_and_hooks_of_others_stay(
    network: nn.Module,
    prepared: Prepared,
    make_classifier: Callable[..., Classifier],
    name: str,
) -> None:
    classifier = make_classifier(network)
    network.train()
    first = next(network.parameters())
    first.requires_grad_(True)
    first.grad = torch.ones_like(first)
    calls: list[int] = []
    network.register_forward_hook(lambda *_: calls.append(1))
    before = state_of(network)
    method_named(name).explain(classifier, prepared, LABELS)
    assert state_of(network) == before
    assert calls


def test_that_tracing_that_fails_leaves_no_hook(network: nn.Module, prepared: Prepared) -> None:
    before = state_of(network)
    last = [part for part in network.modules() if not list(part.children())][-1]
    part_name = next(name for name, part in network.named_modules() if part is last)
    with failing(network, "last", part_name), pytest.raises(Broken):
        last_spatial_layer(network, prepared.tensor)
    assert state_of(network) == before
