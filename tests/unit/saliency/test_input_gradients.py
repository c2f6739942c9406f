"""Gradients with respect to the input against Captum, MONAI and closed forms, and on which terms.

Longer than other tests: every method stands here against the same networks and the same noise.
"""

from collections.abc import Callable, Iterator
from typing import Any

import monai.visualize
import numpy as np
import pytest
import torch
from captum.attr import (
    GuidedBackprop,
    GuidedGradCam,
    InputXGradient,
    IntegratedGradients,
    NoiseTunnel,
    Saliency,
)
from monai.networks import nets
from torch import Tensor, nn
from torch.nn import functional

from radsal.core.geometry import GridMapping
from radsal.core.progress import Progress
from radsal.core.results import MapStatus
from radsal.inference.classifier import Classifier
from radsal.inference.networks import FirstOutput
from radsal.inference.preprocessing import Prepared
from radsal.inference.script import Script
from radsal.saliency.catalogue import BASELINES, CATALOGUE, Basis
from radsal.saliency.guided import NO_RELU
from radsal.saliency.layers import last_spatial_layer
from radsal.saliency.method import Explanation
from radsal.saliency.methods import method_named

LABELS = ("Opacity", "Effusion", "Nodule")
SHAPE = (64, 48)
SAMPLES, STEPS, CHUNK = 5, 6, 3
NOISY = {"samples": SAMPLES, "chunk": CHUNK}
"""Oracles are held against chunks like their own: another batch rounds otherwise, and a ReLU that
turns for it changes a gradient by more than rounding."""
Make = Callable[..., Classifier]

FAMILIES: dict[str, Callable[[], nn.Module]] = {
    "DenseNet": lambda: nets.DenseNet(2, 1, 3, 8, 4, (1, 2)),
    "ResNet": lambda: nets.ResNet(
        "basic", [1, 1, 1, 1], [4, 4, 8, 8], 2, n_input_channels=1, num_classes=3
    ),
    "ResNet bottleneck": lambda: nets.ResNet(
        "bottleneck", [1, 1, 1, 1], [4, 4, 4, 4], 2, n_input_channels=1, num_classes=3
    ),
    "SENet": lambda: nets.SENet(
        2, 1, "se_resnet_bottleneck", [1, 1, 1, 1], 1, 16, None, inplanes=64,
        downsample_kernel_size=1, input_3x3=False, num_classes=3,
    ),
    "EfficientNet": lambda: nets.EfficientNet(
        ["r1_k3_s11_e1_i32_o16_se0.25", "r1_k3_s22_e6_i16_o24_se0.25"], 2, 1, 3
    ),
    "ViT": lambda: FirstOutput(
        nets.ViT(
            1, SHAPE, 16, 24, 32, 2, 2, classification=True, num_classes=3, spatial_dims=2,
            post_activation="",
        )
    ),
    "Classifier": lambda: nets.Classifier((1, *SHAPE), 3, (4, 8), (2, 2)),
}  # fmt: skip
WITH_RELU = ("DenseNet", "ResNet", "ResNet bottleneck", "SENet")
INPUT_METHODS = [name for name, info in CATALOGUE.items() if info.family in ("gradient", "guided")]
SAMPLED = ("smoothgrad", "vargrad", "ig")

EveryFamily = pytest.mark.parametrize("family", FAMILIES)
FamilyWithRelu = pytest.mark.parametrize("family", WITH_RELU)


def seeded(family: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(7)
        module = FAMILIES[family]()
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                assert part.running_mean is not None
                assert part.running_var is not None
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 1.5)
    return module.eval()


@pytest.fixture
def film(make_prepared: Callable[..., Prepared]) -> Prepared:
    return make_prepared(1, SHAPE)


@pytest.fixture
def explain(make_classifier: Make, film: Prepared) -> Callable[..., Explanation]:
    """A method's answer about the film, in every finding of the module."""

    def run(module: nn.Module, name: str, **options: Any) -> Explanation:
        return method_named(name).explain(make_classifier(module), film, LABELS, options)

    return run


def noise(film: Prepared, count: int, seed: int = 0) -> list[Tensor]:
    """The noise that the methods draw, on its own."""
    generator = torch.Generator().manual_seed(seed)
    sigma = 0.15 * (film.tensor.max() - film.tensor.min())
    return [torch.randn(film.tensor.shape, generator=generator) * sigma for _ in range(count)]


@pytest.fixture
def injected(monkeypatch: pytest.MonkeyPatch, film: Prepared) -> Callable[[], None]:
    """Have torch.normal, of which Captum and MONAI draw, give the methods' noise again."""

    def inject() -> None:
        given: Iterator[Tensor] = iter(noise(film, SAMPLES))

        def normal(*_: Any, size: Any = None, **__: Any) -> Tensor:
            return next(given) if size is not None else torch.cat(list(given))

        monkeypatch.setattr(torch, "normal", normal)

    return inject


def check_equal(
    explained: Explanation, oracle: Callable[[int], Tensor], most: float = 1e-5
) -> None:
    """Every map against the oracle's, (1, C, H, W), of the finding's index."""
    for index, saliency in enumerate(explained.maps):
        expected = oracle(index).detach().double().sum(1)[0].numpy()
        scale = np.abs(expected).max()
        assert scale > 0
        assert np.abs(saliency.values - expected).max() <= most * scale


def fresh(film: Prepared) -> Tensor:
    return film.tensor.clone().requires_grad_()


# --- Captum and MONAI -----------------------------------------------------------------------


@EveryFamily
def test_that_the_gradient_is_captums_and_monais(
    explain: Callable[..., Explanation], film: Prepared, family: str
) -> None:
    module = seeded(family)
    explained = explain(module, "gradient")
    saliency, vanilla = Saliency(module), monai.visualize.VanillaGrad(module)
    check_equal(explained, lambda index: saliency.attribute(fresh(film), index, abs=False))
    check_equal(explained, lambda index: vanilla(film.tensor.clone(), index))


@EveryFamily
def test_that_input_times_gradient_is_captums(
    explain: Callable[..., Explanation], film: Prepared, family: str
) -> None:
    module = seeded(family)
    oracle = InputXGradient(module)
    explained = explain(module, "inputxgradient")
    check_equal(explained, lambda index: oracle.attribute(fresh(film), index))


@EveryFamily
def test_that_smoothgrad_is_captums_and_monais_of_the_same_noise(
    explain: Callable[..., Explanation],
    film: Prepared,
    family: str,
    injected: Callable[[], None],
) -> None:
    module = seeded(family)
    tunnel = NoiseTunnel(Saliency(module))
    smooth = monai.visualize.SmoothGrad(module, n_samples=SAMPLES, magnitude=False, verbose=False)

    def captum(index: int) -> Tensor:
        injected()
        given = {"nt_type": "smoothgrad", "nt_samples": SAMPLES, "target": index, "abs": False}
        return tunnel.attribute(film.tensor.clone(), **given)

    def by_monai(index: int) -> Tensor:
        injected()
        return smooth(film.tensor.clone(), index)

    check_equal(explain(module, "smoothgrad", samples=SAMPLES, chunk=SAMPLES), captum)
    check_equal(explain(module, "smoothgrad", samples=SAMPLES, chunk=1), by_monai)


@EveryFamily
def test_that_vargrad_is_the_variance_of_captums_gradients_of_the_same_noise(
    explain: Callable[..., Explanation], film: Prepared, family: str
) -> None:
    module = seeded(family)
    saliency = Saliency(module)

    def variance(index: int) -> Tensor:
        copies = [(film.tensor + each).requires_grad_() for each in noise(film, SAMPLES)]
        gradients = [saliency.attribute(copy, index, abs=False).double() for copy in copies]
        return torch.stack(gradients).var(0, correction=0)

    explained = explain(module, "vargrad", samples=SAMPLES, chunk=1)
    check_equal(explained, variance)
    assert all((saliency.values >= 0).all() for saliency in explained.maps)


@EveryFamily
@pytest.mark.parametrize("baseline", BASELINES)
def test_that_integrated_gradients_are_captums(
    explain: Callable[..., Explanation], film: Prepared, family: str, baseline: str
) -> None:
    module = seeded(family)
    start = {"zero": 0.0, "minimum": film.tensor.min().item(), "mean": film.tensor.mean().item()}
    oracle = IntegratedGradients(module)
    explained = explain(module, "ig", steps=STEPS, chunk=STEPS, baseline=baseline)

    def captum(index: int) -> Tensor:
        return oracle.attribute(fresh(film), start[baseline], index, n_steps=STEPS)

    check_equal(explained, captum)
    _, delta = oracle.attribute(
        fresh(film), start[baseline], 1, n_steps=STEPS, return_convergence_delta=True
    )
    gap = explained.facts["completeness_gap_logit Effusion"]
    assert gap == pytest.approx(abs(delta.item()), rel=1e-3, abs=2e-6)


@FamilyWithRelu
@pytest.mark.filterwarnings("ignore:Setting backward hooks")
def test_that_guided_backpropagation_is_captums(
    explain: Callable[..., Explanation], film: Prepared, family: str
) -> None:
    module = seeded(family)
    explained = explain(module, "guided")
    for part in module.modules():
        if isinstance(part, nn.ReLU):
            part.inplace = False  # Captum's backward hooks do not bear it
    oracle = GuidedBackprop(module)
    check_equal(explained, lambda index: oracle.attribute(fresh(film), index))
    assert explained.facts["replaced_relus"]


def test_that_guided_backpropagation_is_monais_where_the_relus_bear_the_name_it_looks_for(
    explain: Callable[..., Explanation], film: Prepared
) -> None:
    module = seeded("DenseNet")
    explained = explain(module, "guided")
    oracle = monai.visualize.GuidedBackpropGrad(module)
    check_equal(explained, lambda index: oracle(film.tensor.clone(), index))


@FamilyWithRelu
@pytest.mark.filterwarnings("ignore:Setting backward hooks")
def test_that_guided_gradcam_is_captums(
    explain: Callable[..., Explanation], film: Prepared, family: str
) -> None:
    module = seeded(family)
    explained = explain(module, "guided-gradcam")
    for part in module.modules():
        if isinstance(part, nn.ReLU):
            part.inplace = False
    layer = last_spatial_layer(module, film.tensor)
    assert explained.parameters["layer"] == layer.label
    oracle = GuidedGradCam(module, module.get_submodule(layer.name))
    for index, saliency in enumerate(explained.maps):
        expected = oracle.attribute(fresh(film), index, interpolate_mode="bilinear")
        values = expected.detach()[0, 0].numpy()
        assert np.abs(saliency.values - values).max() <= 1e-5 * np.abs(values).max()


# --- closed forms ---------------------------------------------------------------------------


class Polynomial(nn.Module):
    """``Σ w xⁿ`` over all places and channels, one row of ``w`` for each label."""

    def __init__(self, power: int, channels: int = 1) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(2)
        self.power = power
        self.weight = nn.Parameter(torch.randn((3, channels, *SHAPE), generator=generator))

    def forward(self, x: Tensor) -> Tensor:
        return (self.weight * x[:, None] ** self.power).sum((2, 3, 4))


def expected_of(saliency: Any, expected: Tensor) -> None:
    values = expected.detach().numpy()
    np.testing.assert_allclose(saliency.values, values, rtol=0, atol=1e-5 * np.abs(values).max())


@pytest.mark.parametrize("name", ["gradient", "smoothgrad"])
def test_that_a_linear_networks_gradient_is_its_weights(
    explain: Callable[..., Explanation], name: str
) -> None:
    module = Polynomial(1)
    for saliency, weight in zip(explain(module, name).maps, module.weight, strict=True):
        expected_of(saliency, weight[0])


@pytest.mark.parametrize("steps", [1, 7])
@pytest.mark.parametrize("baseline", BASELINES)
def test_that_a_linear_networks_shares_are_weight_times_difference_and_leave_no_gap(
    explain: Callable[..., Explanation], film: Prepared, steps: int, baseline: str
) -> None:
    module, x = Polynomial(1), film.tensor
    start = {"zero": torch.zeros(()), "minimum": x.min(), "mean": x.mean()}[baseline]
    explained = explain(module, "ig", steps=steps, baseline=baseline)
    for saliency, weight in zip(explained.maps, module.weight, strict=True):
        expected_of(saliency, weight[0] * (x - start)[0, 0])
        assert explained.facts[f"completeness_gap {saliency.finding}"] < 1e-4
        assert explained.facts[f"completeness_gap_logit {saliency.finding}"] < 1e-4


@pytest.mark.parametrize(("power", "steps"), [(2, 1), (3, 2), (4, 2)])
def test_that_gauss_legendre_integrates_a_polynomial_exactly(
    explain: Callable[..., Explanation], film: Prepared, power: int, steps: int
) -> None:
    module = Polynomial(power)
    explained = explain(module, "ig", steps=steps)
    for saliency, weight in zip(explained.maps, module.weight, strict=True):
        expected_of(saliency, weight[0] * film.tensor[0, 0] ** power)


def test_that_too_few_steps_show_in_the_completeness_gap(
    explain: Callable[..., Explanation],
) -> None:
    gaps = [
        explain(Polynomial(6), "ig", steps=steps).facts["completeness_gap Opacity"]
        for steps in (1, 2, 3)
    ]
    assert gaps[0] > 0.1
    assert gaps[1] < gaps[0] / 2
    assert gaps[2] < 1e-4


def test_that_a_quadratic_networks_smoothed_gradient_is_that_of_the_mean_copy(
    explain: Callable[..., Explanation], film: Prepared
) -> None:
    module = Polynomial(2)
    mean = film.tensor + torch.cat(noise(film, 7)).mean(0)
    smooth = explain(module, "smoothgrad", samples=7)
    variance = explain(module, "vargrad", samples=7)
    spread = torch.cat(noise(film, 7)).var(0, correction=0)[0]
    for index, weight in enumerate(module.weight):
        expected_of(smooth.maps[index], 2 * weight[0] * mean[0, 0])
        expected_of(variance.maps[index], 4 * weight[0] ** 2 * spread)


@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_that_a_linear_networks_gradient_does_not_vary_at_all(
    explain: Callable[..., Explanation], chunk: int
) -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 3, 3), nn.AdaptiveAvgPool2d(1))
    for module in (Polynomial(1), nn.Sequential(network, nn.Flatten())):
        for saliency in explain(module, "vargrad", samples=5, chunk=chunk).maps:
            assert saliency.status is MapStatus.EMPTY
            assert not saliency.values.any()


@pytest.mark.parametrize("name", INPUT_METHODS[:5])
def test_that_a_network_for_colours_has_the_map_of_the_network_for_gray_that_it_is(
    make_classifier: Make, film: Prepared, name: str
) -> None:
    colours = Polynomial(2, 3)
    gray = Polynomial(2)
    gray.weight = nn.Parameter(colours.weight.sum(1, keepdim=True))
    repeated = Prepared(film.tensor.repeat(1, 3, 1, 1), film.mapping)
    options = {"noise": 0.0} if name in ("smoothgrad", "vargrad") else {}
    maps = method_named(name).explain(make_classifier(colours), repeated, LABELS, options).maps
    ours = method_named(name).explain(make_classifier(gray), film, LABELS, options).maps
    for of_colours, of_gray in zip(maps, ours, strict=True):
        largest = np.abs(of_gray.values).max()
        np.testing.assert_allclose(of_colours.values, of_gray.values, atol=1e-5 * largest)


# --- honest maps ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gradient", "inputxgradient", "smoothgrad", "ig"])
def test_that_where_everything_speaks_against_a_finding_the_map_is_empty_and_keeps_its_sign(
    explain: Callable[..., Explanation], name: str
) -> None:
    module = Polynomial(1)
    with torch.no_grad():
        module.weight[0] = -module.weight[0].abs()
    first = explain(module, name).maps[0]
    assert first.status is MapStatus.EMPTY
    assert first.values.max() <= 0
    assert first.values.min() < 0


class RootOfNothing(Polynomial):
    """A finite logit whose gradient is not a number."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + (x - x).clamp_min(0).sqrt().sum((1, 2, 3))[:, None]


@pytest.mark.parametrize("name", ["gradient", "inputxgradient", *SAMPLED])
def test_that_a_gradient_that_is_no_number_is_a_failed_map_with_the_reason(
    explain: Callable[..., Explanation], name: str
) -> None:
    for saliency in explain(RootOfNothing(1), name).maps:
        assert saliency.status is MapStatus.FAILED
        assert "not numbers" in saliency.reason


class Constant(nn.Module):
    """Logits that no pixel has a part in."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.ones(len(x), 3)


@pytest.mark.parametrize("name", INPUT_METHODS[:5])
def test_that_a_constant_network_has_empty_maps(
    explain: Callable[..., Explanation], name: str
) -> None:
    explained = explain(Constant(), name)
    assert {saliency.status for saliency in explained.maps} == {MapStatus.EMPTY}
    assert "completeness_gap Opacity" not in explained.facts


# --- guided: by type, wherever they stand ---------------------------------------------------


class Modules(nn.Module):
    """Three ReLUs as modules."""

    def __init__(self, in_place: bool = False) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(4)
        self.first, self.second = nn.Conv2d(1, 5, 3), nn.Conv2d(5, 5, 3)
        self.out = nn.Linear(5, 3)
        self.one, self.two = nn.ReLU(in_place), nn.ReLU(in_place)
        self.three = nn.ReLU(in_place)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.normal_(0, 0.5, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        x = self.two(self.second(self.one(self.first(x))))
        return self.out(self.three(x - 0.1).mean((2, 3)))


class Calls(Modules):
    """The same network with every way to call the function."""

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.first(x), inplace=True)
        x = self.second(x)
        torch.relu_(x)
        x = x - 0.1
        return self.out(torch.relu(input=x).relu().relu_().mean((2, 3)))


@pytest.mark.filterwarnings("ignore:Setting backward hooks")
@pytest.mark.parametrize("make", [Modules, lambda: Modules(in_place=True), Calls])
def test_that_relus_are_replaced_wherever_they_stand(
    explain: Callable[..., Explanation], film: Prepared, make: Callable[[], nn.Module]
) -> None:
    explained = explain(make(), "guided")
    oracle = GuidedBackprop(Modules())
    check_equal(explained, lambda index: oracle.attribute(fresh(film), index))
    assert explained.facts["replaced_relus"] >= 3


@pytest.mark.parametrize("name", ["guided", "guided-gradcam"])
@pytest.mark.parametrize("family", ["EfficientNet", "Classifier"])
def test_that_without_a_relu_there_is_no_guided_map_but_the_reason(
    explain: Callable[..., Explanation], name: str, family: str
) -> None:
    explained = explain(seeded(family), name)
    assert {saliency.status for saliency in explained.maps} == {MapStatus.FAILED}
    assert {saliency.reason for saliency in explained.maps} == {NO_RELU}
    assert len(explained.predictions) == len(LABELS)


def test_that_guided_methods_are_not_advised_and_say_why() -> None:
    for name in ("guided", "guided-gradcam"):
        assert not CATALOGUE[name].advised
        assert "Fails" in CATALOGUE[name].sanity


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_that_a_program_has_gradients_and_no_guided_map(
    explain: Callable[..., Explanation], film: Prepared
) -> None:
    module = Modules()
    program = Script(torch.jit.trace(module, film.tensor))  # type: ignore[no-untyped-call]
    plain = explain(module, "gradient")
    for one, other in zip(explain(program, "gradient").maps, plain.maps, strict=True):
        np.testing.assert_allclose(one.values, other.values, atol=1e-6)
    assert {saliency.reason for saliency in explain(program, "guided").maps} == {NO_RELU}


# --- chunks ---------------------------------------------------------------------------------


class Counting(Modules):
    """Remembers the sizes of its batches, and has room for so many inputs."""

    def __init__(self, room: int = 1000) -> None:
        super().__init__(in_place=True)
        self.room = room
        self.given: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.given.append(len(x))
        if len(x) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(x)


@pytest.mark.parametrize("name", SAMPLED)
def test_that_a_chunk_bounds_what_goes_through_the_network_and_each_can_be_given_up(
    make_classifier: Make, film: Prepared, name: str
) -> None:
    module = Counting()
    count = {"ig": "steps"}.get(name, "samples")
    options = {count: 7, "chunk": 3}
    steps = list(method_named(name).steps(make_classifier(module), [film], LABELS, options))
    assert [size for size in module.given if size > 1] == [3, 3]
    assert module.given[-1] == 1
    progress = [step for step in steps if isinstance(step, Progress) and step.total]
    assert [step.done for step in progress] == [0, 3, 6]
    assert {step.total for step in progress} == {7}


def test_that_on_a_cpu_large_films_share_a_chunk_with_few_others(make_classifier: Make) -> None:
    module = Counting()
    film = Prepared(torch.rand(1, 1, 512, 512), GridMapping.stretch((512, 512), (512, 512)))
    method_named("ig").explain(make_classifier(module), film, LABELS[:1], {"steps": 5})
    assert module.given == [1, 1, 2, 2, 1]  # the film, its baseline, and five steps


@pytest.mark.parametrize("name", SAMPLED)
def test_that_the_size_of_the_chunks_does_not_change_the_map(
    explain: Callable[..., Explanation], name: str
) -> None:
    module = seeded("ViT")  # without ReLUs, that rounding could turn
    whole, *others = (explain(module, name, chunk=chunk).maps for chunk in (64, 1, 4))
    for other in others:
        for one, same in zip(whole, other, strict=True):
            largest = np.abs(one.values).max()
            np.testing.assert_allclose(one.values, same.values, rtol=0, atol=1e-5 * largest)


@pytest.mark.parametrize("name", SAMPLED)
def test_that_a_chunk_is_halved_where_memory_runs_out_and_the_map_is_the_same(
    make_classifier: Make, film: Prepared, name: str
) -> None:
    maps = []
    for room in (1000, 2):
        module = Counting(room)
        classifier = make_classifier(module)
        options = {"chunk": 4}
        maps.append(method_named(name).explain(classifier, film, LABELS, options).maps)
        assert classifier.batch == 1
    assert module.given.count(4) == 1
    assert "batches of 2: out of memory" in classifier.device.label
    for one, other in zip(*maps, strict=True):
        largest = np.abs(one.values).max()
        np.testing.assert_allclose(one.values, other.values, rtol=0, atol=2e-6 * largest)


def test_that_several_films_have_the_maps_that_each_has_alone(
    make_classifier: Make, make_prepared: Callable[..., Prepared]
) -> None:
    classifier = make_classifier(seeded("ResNet"))
    films = [make_prepared(seed, SHAPE) for seed in (1, 2)]
    for name in INPUT_METHODS:
        method = method_named(name)
        together = method.explain_batch(classifier, films, LABELS)
        for film, explanation in zip(films, together, strict=True):
            alone = method.explain(classifier, film, LABELS)
            assert [m.sha256 for m in explanation.maps] == [m.sha256 for m in alone.maps]
            assert explanation.predictions == alone.predictions


# --- seeds and parameters -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["smoothgrad", "vargrad"])
def test_that_a_seed_gives_the_same_bits_and_another_one_another_map(
    explain: Callable[..., Explanation], name: str
) -> None:
    module = seeded("ResNet")
    first, again = explain(module, name, **NOISY), explain(module, name, **NOISY)
    other = explain(module, name, seed=1, **NOISY)
    assert [m.sha256 for m in first.maps] == [m.sha256 for m in again.maps]
    assert first.maps[0].sha256 != other.maps[0].sha256
    assert first.parameters == {"samples": SAMPLES, "noise": 0.15, "seed": 0}


def test_that_without_noise_the_smoothed_gradient_is_the_gradient(
    explain: Callable[..., Explanation],
) -> None:
    module = seeded("ResNet")
    smooth = explain(module, "smoothgrad", noise=0, samples=3)
    for one, other in zip(smooth.maps, explain(module, "gradient").maps, strict=True):
        largest = np.abs(other.values).max()
        np.testing.assert_allclose(one.values, other.values, rtol=0, atol=1e-6 * largest)


def test_that_the_methods_lie_on_the_inputs_own_pixels(explain: Callable[..., Explanation]) -> None:
    module = seeded("DenseNet")
    for name in INPUT_METHODS:
        assert CATALOGUE[name].basis is Basis.INPUT
        assert {saliency.grid for saliency in explain(module, name).maps} == {SHAPE}
