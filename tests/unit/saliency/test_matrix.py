"""The generated matrix: every method, every family of networks that may come in, every ending.

A method leaves the module, torch and its caller's tensor as it found them when it succeeds, when
it is given up at any of its steps, and when it fails on the way forward or back.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from monai.networks import nets
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus
from radsal.inference.classifier import Classifier
from radsal.inference.networks import FirstOutput
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import CATALOGUE
from radsal.saliency.layers import spatial_layers
from radsal.saliency.method import Explanation
from radsal.saliency.methods import method_named

LABELS = ("Opacity", "Effusion", "Nodule")
SHAPE = (64, 48)
HOOKS = [name for name in vars(nn.Module()) if name.endswith(("_hooks", "_kwargs"))]
QUICK = {"samples": 2, "steps": 3, "chunk": 2, "window": 32, "stride": 24, "channels": 512}
"""Values of parameters that make a method quick; which of them a method has is its own matter."""

FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "DenseNet": ("DenseNet", {
        "spatial_dims": 2, "in_channels": 1, "out_channels": 3,
        "init_features": 8, "growth_rate": 4, "block_config": (1, 2),
    }),
    "ResNet": ("ResNet", {
        "block": "basic", "layers": [1, 1, 1, 1], "block_inplanes": [4, 4, 8, 8],
        "spatial_dims": 2, "n_input_channels": 1, "num_classes": 3,
    }),
    "ResNet bottleneck": ("ResNet", {
        "block": "bottleneck", "layers": [1, 1, 1, 1], "block_inplanes": [4, 4, 4, 4],
        "spatial_dims": 2, "n_input_channels": 1, "num_classes": 3, "shortcut_type": "A",
    }),
    "SENet": ("SENet", {
        "block": "se_bottleneck", "layers": [1, 1, 1, 1], "groups": 1, "reduction": 16,
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3,
    }),
    "SEResNet": ("SENet", {
        "block": "se_resnet_bottleneck", "layers": [1, 1, 1, 1], "groups": 1, "reduction": 16,
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3, "inplanes": 64,
        "downsample_kernel_size": 1, "input_3x3": False, "dropout_prob": None,
    }),
    "SEResNeXt": ("SENet", {
        "block": "se_resnetxt_bottleneck", "layers": [1, 1, 1, 1], "groups": 32, "reduction": 16,
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3, "inplanes": 64,
        "downsample_kernel_size": 1, "input_3x3": False, "dropout_prob": None,
    }),
    "EfficientNet": ("EfficientNet", {
        "blocks_args_str": ["r1_k3_s11_e1_i32_o16_se0.25", "r2_k3_s22_e6_i16_o24_se0.25"],
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3,
    }),
    "ViT": ("ViT", {
        "in_channels": 1, "img_size": SHAPE, "patch_size": 16, "classification": True,
        "num_classes": 3, "spatial_dims": 2, "hidden_size": 24, "mlp_dim": 32,
        "num_layers": 2, "num_heads": 2, "post_activation": "",
    }),
    "Classifier": ("Classifier", {
        "in_shape": (1, *SHAPE), "classes": 3, "channels": (4, 8), "strides": (2, 2),
    }),
    "Regressor": ("Regressor", {
        "in_shape": (1, *SHAPE), "out_shape": (3,), "channels": (4, 8), "strides": (2, 2),
    }),
}  # fmt: skip

EveryFamily = pytest.mark.parametrize("family", FAMILIES)
EveryMethod = pytest.mark.parametrize("name", CATALOGUE)
Of = Callable[[str], Classifier]


class Broken(RuntimeError):
    """Raised half-way."""


@pytest.fixture(scope="module")
def network_of() -> Callable[[str], nn.Module]:
    """A network of a family, made once: each test finds it as the one before left it."""
    made: dict[str, nn.Module] = {}

    def of(family: str) -> nn.Module:
        if family not in made:
            made[family] = seeded(family)
        return made[family]

    return of


def seeded(family: str) -> nn.Module:
    """A network with random weights and random batch statistics, the same each time."""
    name, arguments = FAMILIES[family]
    with torch.random.fork_rng():
        torch.manual_seed(5)
        module: nn.Module = getattr(nets, name)(**arguments)
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                assert part.running_mean is not None
                assert part.running_var is not None
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 1.5)
    return (FirstOutput(module) if name == "ViT" else module).eval()


@pytest.fixture
def film() -> Prepared:
    tensor = torch.rand((1, 1, *SHAPE), generator=torch.Generator().manual_seed(1))
    return Prepared(tensor, GridMapping.stretch(SHAPE, (320, 240)))


@pytest.fixture
def classifier_of(
    network_of: Callable[[str], nn.Module], make_classifier: Callable[..., Classifier]
) -> Of:
    def of(family: str) -> Classifier:
        name = FAMILIES[family][0]
        name = "EfficientNetBN" if name == "EfficientNet" else name
        return make_classifier(network_of(family), network=name)

    return of


def quick(name: str) -> dict[str, int]:
    known = {parameter.name for parameter in CATALOGUE[name].parameters}
    return {option: value for option, value in QUICK.items() if option in known}


def explain(
    classifier: Classifier, film: Prepared, name: str, findings: Sequence[str] = LABELS
) -> Explanation:
    return method_named(name).explain(classifier, film, findings, quick(name))


def state_of(module: nn.Module) -> dict[str, Any]:
    """Everything that a method could leave changed."""
    named = list(module.named_modules())
    parameters = list(module.named_parameters())
    return {
        "hooks": Counter({(p, n): len(getattr(m, n)) for p, m in named for n in HOOKS}),
        "training": [(path, part.training) for path, part in named],
        "attributes": [(path, sorted(vars(part))) for path, part in named],
        "flags": [
            (path, {k: v for k, v in vars(part).items() if isinstance(v, bool | int | float | str)})
            for path, part in named
        ],
        "classes": [(path, type(part)) for path, part in named],
        "requires_grad": [(path, p.requires_grad) for path, p in parameters],
        "grad": [path for path, p in parameters if p.grad is not None],
        "values": [
            (path, t.data_ptr(), t._version, t.flatten()[::101].double().sum().item())
            for path, t in module.state_dict().items()
        ],
        "torch": (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
            torch.random.get_rng_state().sum().item(),
        ),
    }


class Untouched:
    """A module, torch and a tensor as they are now, and whether they still are."""

    def __init__(self, module: nn.Module, film: Prepared) -> None:
        self._module, self._film = module, film
        self._state, self._tensor = state_of(module), film.tensor.clone()

    def check(self, when: str) -> None:
        now, tensor = state_of(self._module), self._film.tensor
        changed = {key for key in now if now[key] != self._state[key]}
        assert not changed, f"changed {when}: {changed}"
        assert torch.equal(tensor, self._tensor), f"the caller's tensor was changed {when}"
        assert not tensor.requires_grad
        assert tensor.grad is None


@EveryFamily
@EveryMethod
@pytest.mark.parametrize("findings", [LABELS[1:2], LABELS], ids=["one finding", "all findings"])
def test_that_nothing_is_left_behind_whether_it_ends_well_is_given_up_or_fails(
    classifier_of: Of,
    film: Prepared,
    family: str,
    name: str,
    findings: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    classifier = classifier_of(family)
    untouched = Untouched(classifier.module, film)
    explanation = explain(classifier, film, name, findings)
    untouched.check("by a run")
    assert [m.finding for m in explanation.maps] == list(findings)

    work = method_named(name).steps(classifier, [film], findings, quick(name))
    count = sum(1 for _ in work)
    assert count, "a method yields before it begins, so that it can be given up"
    for step in {1, (count + 1) // 2, count}:
        work = method_named(name).steps(classifier, [film], findings, quick(name))
        for _ in range(step):
            next(work)
        untouched.check(f"at step {step}, while the caller has its turn")
        work.close()
        untouched.check(f"by being given up at step {step}")

    if all(m.status is MapStatus.FAILED for m in explanation.maps):
        return  # it does not apply to this network
    leaves = [part for part in classifier.module.modules() if not list(part.children())]
    with monkeypatch.context() as patch:
        patch.setattr(leaves[len(leaves) * 2 // 3], "forward", broken)
        with pytest.raises(Broken):
            explain(classifier, film, name, findings)
    untouched.check("by a failure on the way forward")
    if "backward" in CATALOGUE[name].cost:
        with monkeypatch.context() as patch:
            patch.setattr(torch.autograd, "grad", broken)
            with pytest.raises(Broken):
                explain(classifier, film, name, findings)
        untouched.check("by a failure on the way back")


def broken(*_args: Any, **_kwargs: Any) -> Tensor:
    raise Broken


@EveryFamily
@EveryMethod
def test_that_one_finding_alone_has_the_map_that_it_has_among_all(
    classifier_of: Of, film: Prepared, family: str, name: str
) -> None:
    classifier = classifier_of(family)
    together = explain(classifier, film, name)
    (alone,) = explain(classifier, film, name, LABELS[1:2]).maps
    among = together.maps[1]
    assert (alone.status, alone.reason, alone.mapping) == (
        among.status,
        among.reason,
        among.mapping,
    )
    largest = float(np.abs(among.values).max())
    np.testing.assert_allclose(alone.values, among.values, rtol=0, atol=1e-5 * largest)
    with torch.inference_mode():
        expected = classifier.module(film.tensor.clone())[0].numpy()
    logits = [p.logit for p in together.predictions]
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


@EveryFamily
@EveryMethod
def test_that_a_blank_film_has_no_map_to_look_at_and_a_reason(
    classifier_of: Of, film: Prepared, family: str, name: str
) -> None:
    blank = Prepared(torch.full_like(film.tensor, 0.4), film.mapping)
    for saliency in explain(classifier_of(family), blank, name).maps:
        assert saliency.status is not MapStatus.OK
        assert saliency.reason


@EveryMethod
def test_that_every_method_applies_to_a_family_at_least(
    classifier_of: Of, film: Prepared, name: str
) -> None:
    found = {
        family: {m.status for m in explain(classifier_of(family), film, name).maps}
        for family in FAMILIES
    }
    assert any(MapStatus.OK in statuses for statuses in found.values()), found


@EveryMethod
@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_that_the_same_question_has_the_same_answer_to_the_bit_in_every_mode_of_torch(
    classifier_of: Of, film: Prepared, name: str, mode: Callable[[], Any]
) -> None:
    classifier = classifier_of("ViT" if name == "rollout" else "DenseNet")
    first = explain(classifier, film, name).maps
    with mode():
        untouched = Untouched(classifier.module, film)
        second = explain(classifier, film, name).maps
        untouched.check("by a run")
    assert [m.sha256 for m in first] == [m.sha256 for m in second]


@EveryMethod
def test_that_flags_gradients_and_hooks_of_others_stay(
    make_classifier: Callable[..., Classifier], film: Prepared, name: str
) -> None:
    network = seeded("ViT" if name == "rollout" else "DenseNet")
    classifier = make_classifier(network, network="ViT" if name == "rollout" else "DenseNet")
    network.train()
    first = next(network.parameters())
    first.requires_grad_(True)
    first.grad = torch.ones_like(first)
    calls: list[int] = []
    network.register_forward_hook(lambda *_: calls.append(1))
    untouched = Untouched(network, film)
    explain(classifier, film, name)
    untouched.check("by a run")
    assert calls


def test_that_tracing_the_layers_of_a_network_that_fails_leaves_no_hook(
    film: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = seeded("ResNet")
    untouched = Untouched(network, film)
    with monkeypatch.context() as patch:
        patch.setattr(list(network.modules())[-1], "forward", broken)
        with pytest.raises(Broken):
            spatial_layers(network, film.tensor)
    untouched.check("by tracing")
