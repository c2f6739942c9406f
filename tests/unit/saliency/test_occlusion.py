"""Occlusion against MONAI and plain loops; where its cells lie; what it does when things go wrong."""

from collections.abc import Callable, Sequence
from typing import Any

import monai.visualize
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, nn

from radsal.core.errors import KnownError
from radsal.core.geometry import GridMapping
from radsal.core.progress import Progress
from radsal.core.results import MapStatus
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.method import Explanation, Sketch
from radsal.saliency.methods import method_named
from radsal.saliency.windows import Windows

LABELS = ("Opacity", "Effusion", "Nodule")
Make = Callable[..., Classifier]


def occlude(
    classifier: Classifier, prepared: Prepared, findings: Sequence[str] = LABELS, **options: Any
) -> Explanation:
    return method_named("occlusion").explain(classifier, prepared, findings, options)


def looped(
    module: nn.Module, tensor: Tensor, windows: Windows, fill: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits as they are, (labels,), and with each window covered, (labels, h, w), in float64."""
    module.double()
    covered = []
    with torch.no_grad():
        for cell in windows.cells:
            one = tensor.double()
            r, c = windows.corner(cell)
            one[:, :, max(r, 0) : r + windows.size, max(c, 0) : c + windows.size] = fill
            covered.append(module(one)[0])
        whole = module(tensor.double())[0]
    module.float()
    return whole.numpy(), torch.stack(covered, 1).unflatten(1, windows.grid).numpy()


class Sum(nn.Module):
    """One logit: the mean of the input."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((1, 2, 3))[:, None]


# --- oracles --------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence:UserWarning")  # MONAI's indexing
def test_that_covered_logits_are_monais_where_the_windows_are_the_same(
    network: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    """Windows side by side that fill the input, covered with its mean."""
    explained = occlude(make_classifier(network), prepared, window=16, stride=16)
    oracle = monai.visualize.OcclusionSensitivity(
        network, mask_size=16, n_batch=8, verbose=False, mode="mean_img", overlap=0, activate=False
    )
    covered = oracle(prepared.tensor.clone())[0][0, :, 8::16, 8::16].numpy()
    logits = np.array([p.logit for p in explained.predictions])
    maps = np.stack([saliency.values for saliency in explained.maps])
    assert maps.shape == covered.shape == (3, 6, 5)
    found = logits[:, None, None] - maps
    assert np.abs(found - covered).max() <= 1e-5 * np.abs(covered).max()


@pytest.mark.parametrize(("fill", "value"), [("zero", 0.0), ("minimum", None), ("mean", None)])
def test_that_values_are_differences_of_logits_also_where_windows_hang_over(
    network: nn.Module, prepared: Prepared, make_classifier: Make, fill: str, value: float | None
) -> None:
    tensor = prepared.tensor
    value = float(tensor.min() if fill == "minimum" else tensor.mean()) if value is None else value
    explained = occlude(
        make_classifier(network), prepared, window=37, stride=25, fill=fill, chunk=5
    )
    windows = Windows((96, 80), 37, 25)
    logits, covered = looped(network, tensor, windows, value)
    for saliency, logit, expected in zip(explained.maps, logits, covered, strict=True):
        assert saliency.values.shape == windows.grid == (4, 4)
        error = np.abs(saliency.values - (logit - expected)).max()
        assert error <= 1e-6 * np.abs(logits).max()


# --- functions that are followed through parts ----------------------------------------------


class Shortcut(nn.Module):
    """A branch that is added, and one that is laid beside it; some of it in place."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.branch = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        y = self.relu(x)
        y = self.branch(x + y)
        y += x
        return torch.cat([x, y, x], 1)


NETWORKS: dict[str, Callable[[], list[nn.Module]]] = {
    "strides": lambda: [nn.Conv2d(1, 4, 5, stride=3, padding=2), nn.Conv2d(4, 4, 2, stride=2)],
    "a kernel smaller than its stride": lambda: [nn.Conv2d(1, 4, 2, stride=3, padding=1)],
    "holes": lambda: [nn.Conv2d(1, 4, 3, dilation=2, padding=2), nn.ELU(inplace=True)],
    "other axes": lambda: [
        nn.Conv2d(1, 4, (1, 5), (1, 2), (0, 2)), nn.LeakyReLU(0.2), nn.Conv2d(4, 4, (3, 1), padding=(1, 0)),
    ],
    "groups": lambda: [nn.Conv2d(1, 4, 3, padding=1), nn.GELU(), nn.Conv2d(4, 4, 3, groups=4)],
    "max pooling": lambda: [nn.Conv2d(1, 4, 1), nn.MaxPool2d(3, 2, 1), nn.SiLU()],
    "mean pooling": lambda: [nn.Conv2d(1, 4, 1), nn.AvgPool2d(3, 2, 1), nn.Dropout(0.5)],
    "mean pooling within": lambda: [
        nn.Conv2d(1, 4, 1), nn.AvgPool2d(3, 2, 1, count_include_pad=False),
    ],
    "rounded up": lambda: [nn.Conv2d(1, 4, 1), nn.MaxPool2d(2, 2, ceil_mode=True)],
    "padding by name": lambda: [nn.Conv2d(1, 4, 3, padding="same")],
    "padding by reflection": lambda: [nn.Conv2d(1, 4, 3, padding=1, padding_mode="reflect")],
    "a norm of its own": lambda: [nn.Conv2d(1, 4, 3), nn.InstanceNorm2d(4), nn.Conv2d(4, 4, 3)],
    "a shortcut": lambda: [nn.Conv2d(1, 4, 3, padding=1), Shortcut(), nn.Conv2d(12, 4, 3)],
}  # fmt: skip


class Uneven(nn.Module):
    """Logits that tell places apart, so that a part in the wrong place does not pass."""

    def __init__(self, trunk: list[nn.Module]) -> None:
        super().__init__()
        self.trunk = nn.Sequential(*trunk)
        self.out = nn.LazyLinear(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.trunk(x).flatten(1))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("window", "stride"), [(5, 4), (2, 2), (11, 7), (30, 15)])
def test_that_following_a_window_through_a_network_changes_no_number(
    make_classifier: Make, make_prepared: Any, name: str, window: int, stride: int
) -> None:
    """But for rounding: what is added up to a logit is about one."""
    torch.manual_seed(2)
    prepared = make_prepared(3, (23, 19))
    module = Uneven(NETWORKS[name]())
    module(prepared.tensor)  # in training mode: gives the norms something to normalise with
    classifier = make_classifier(module, LABELS[:2])
    maps = occlude(classifier, prepared, LABELS[:2], window=window, stride=stride, fill="zero").maps
    windows = Windows((23, 19), window, stride)
    logits, covered = looped(module, prepared.tensor, windows, 0.0)
    for saliency, logit, expected in zip(maps, logits, covered, strict=True):
        differences = logit - expected
        assert np.abs(differences).max() > 1e-3
        np.testing.assert_allclose(saliency.values, differences, rtol=0, atol=5e-7)


class Opaque(Sum):
    """As a TorchScript program it takes a tensor and nothing else."""

    opaque = True

    def forward(self, x: Tensor) -> Tensor:
        assert isinstance(x, Tensor)
        return super().forward(x)


def test_that_a_program_that_cannot_be_watched_is_given_whole_inputs(
    make_classifier: Make, prepared: Prepared
) -> None:
    plain = make_classifier(Sum().eval(), ("Opacity",))
    program = make_classifier(Opaque().eval(), ("Opacity",))
    (expected,) = occlude(plain, prepared, ["Opacity"], window=32, stride=32).maps
    (found,) = occlude(program, prepared, ["Opacity"], window=32, stride=32).maps
    np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-7)


# --- where the cells lie --------------------------------------------------------------------


@given(st.tuples(st.integers(1, 300), st.integers(1, 300)), st.integers(1, 90), st.integers(1, 90))
def test_that_cells_tile_the_input_and_windows_lie_in_their_middle(
    sides: tuple[int, int], size: int, stride: int
) -> None:
    windows = Windows.over(sides, size, min(stride, size))
    mapping = windows.mapping(GridMapping(1.0, 0.0, 1.0, 0.0))
    for axis, side in enumerate(sides):
        first = mapping.to_image(0, 0)[axis]
        last = mapping.to_image(*windows.grid)[axis]
        assert -0.5 <= first <= 0
        assert side <= last < side + windows.stride
    for cell in (windows.cells[0], windows.cells[-1]):
        corner = windows.corner(cell)
        middle = tuple(start + size / 2 for start in corner)
        assert mapping.to_image(cell[0] + 0.5, cell[1] + 0.5) == middle
        assert all(-size < start < side for start, side in zip(corner, sides, strict=True))


@given(st.tuples(st.integers(1, 60), st.integers(1, 60)), st.integers(1, 20))
def test_that_coarse_cells_cover_all_cells_and_each_is_valued_in_its_middle(
    sides: tuple[int, int], stride: int
) -> None:
    windows = Windows.over(sides, stride, stride)
    outer = GridMapping(2.0, 3.0, 5.0, 7.0, transposed=True)
    fine, coarse = windows.mapping(outer), windows.coarse_mapping(outer)
    rows, columns = windows.coarse_grid
    assert len(windows.coarse_cells) == rows * columns
    places = [(r + 0.5, c + 0.5) for r in range(rows) for c in range(columns)]
    for place, (r, c) in zip(places, windows.coarse_cells, strict=True):
        assert coarse.to_image(*place) == pytest.approx(fine.to_image(r + 0.5, c + 0.5))
    assert np.less_equal(coarse.to_image(0, 0), fine.to_image(0, 0)).all()
    ends = coarse.to_image(rows, columns), fine.to_image(*windows.grid)
    assert np.greater_equal(ends[0], np.asarray(ends[1]) - 1e-9).all()


@pytest.mark.parametrize("columns_first", [False, True])
@pytest.mark.parametrize(
    "corner", [(0, 0), (0, 68), (84, 0), (84, 68), (31, 17), (50, 43), (7, 60)]
)
@pytest.mark.parametrize("stride", [3, 6, 7, 12])
def test_that_a_bright_square_is_hit_to_half_a_cell(
    make_classifier: Make, corner: tuple[int, int], stride: int, columns_first: bool
) -> None:
    """A square of the window's size; the image is five times the input, off by some pixels."""
    tensor = torch.zeros((1, 1, 96, 80))
    tensor[0, 0, corner[0] : corner[0] + 12, corner[1] : corner[1] + 12] = 1
    mapping = GridMapping(5.0, 20.0, 4.0, -8.0, columns_first)
    classifier = make_classifier(Sum().eval(), ("Opacity",))
    (saliency,) = occlude(
        classifier, Prepared(tensor, mapping), ["Opacity"], window=12, stride=stride, fill="zero"
    ).maps
    r, c = np.unravel_index(saliency.values.argmax(), saliency.values.shape)
    found = saliency.mapping.to_image(float(r) + 0.5, float(c) + 0.5)
    expected = mapping.to_image(corner[0] + 6, corner[1] + 6)
    assert abs(found[0] - expected[0]) <= 5 * stride / 2
    assert abs(found[1] - expected[1]) <= 4 * stride / 2
    assert saliency.mapping.transposed == columns_first


@pytest.mark.parametrize(("side", "size", "stride"), [(224, 28, 14), (512, 64, 32)])
def test_that_the_default_is_an_eighth_of_the_input_moved_by_half_of_that(
    side: int, size: int, stride: int
) -> None:
    windows = Windows.over((side, side), 0, 0)
    assert (windows.size, windows.stride, windows.grid) == (size, stride, (16, 16))
    assert len(windows.coarse_cells) == 36


def test_that_a_window_that_covers_all_wherever_it_lies_points_nowhere(
    make_classifier: Make, make_prepared: Any
) -> None:
    classifier = make_classifier(Sum().eval(), ("Opacity",))
    prepared = make_prepared(0, (16, 12))
    (saliency,) = occlude(classifier, prepared, ["Opacity"], window=64, stride=8, fill="zero").maps
    assert saliency.status is MapStatus.FAILED
    assert "same value everywhere" in saliency.reason


# --- step by step ---------------------------------------------------------------------------


def test_that_a_sketch_comes_after_about_a_tenth_and_holds_values_of_the_whole_map(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    """Twelve by ten cells; the sketch has four by four of them."""
    steps = method_named("occlusion").steps(
        make_classifier(small_densenet), [prepared], LABELS, {"window": 16, "stride": 8, "chunk": 6}
    )
    events: list[Progress | Sketch] = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            (whole,) = end.value
            break
    (place,) = [n for n, event in enumerate(events) if isinstance(event, Sketch)]
    sketch, before = events[place], events[place - 1]
    assert isinstance(sketch, Sketch)
    assert before == Progress(16, 120, "Occlusion")
    assert events[-1] == Progress(120, 120, "Occlusion")
    for rough, fine in zip(sketch.explanation.maps, whole.maps, strict=True):
        np.testing.assert_array_equal(rough.values, fine.values[1::3, 0::3])
    assert sketch.explanation.predictions == whole.predictions
    assert whole.facts == {"window_pixels": 16, "stride_pixels": 8, "windows": 120}


def test_that_each_image_of_a_batch_has_the_map_that_it_has_alone(
    small_densenet: nn.Module, make_classifier: Make, make_prepared: Any
) -> None:
    classifier = make_classifier(small_densenet)
    batch = [make_prepared(1), make_prepared(2)]
    options = {"window": 24, "stride": 24}
    steps = method_named("occlusion").steps(classifier, batch, LABELS, options)
    assert not [step for step in steps if isinstance(step, Sketch)]
    together = method_named("occlusion").explain_batch(classifier, batch, LABELS, options)
    for prepared, explanation in zip(batch, together, strict=True):
        alone = occlude(classifier, prepared, **options)
        assert [m.sha256 for m in alone.maps] == [m.sha256 for m in explanation.maps]


# --- when things go wrong -------------------------------------------------------------------


def test_that_fewer_windows_go_together_once_memory_ran_out(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(small_densenet)
    expected = occlude(classifier, prepared, window=24, stride=24, chunk=2).maps
    sizes: list[int] = []

    def cramped(_module: nn.Module, inputs: Any) -> None:
        sizes.append(len(inputs[0]))
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError("no more")

    handle = small_densenet.class_layers.register_forward_pre_hook(cramped)
    found = occlude(classifier, prepared, window=24, stride=24, chunk=4).maps
    handle.remove()
    assert sizes[:4] == [1, 4, 2, 2]
    assert max(sizes[4:]) == 2
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=0, atol=1e-7)


def test_that_memory_that_is_not_enough_for_one_window_is_an_error(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    def cramped(_module: nn.Module, _inputs: Any) -> None:
        raise torch.OutOfMemoryError("no more")

    small_densenet.class_layers.register_forward_pre_hook(cramped)
    with pytest.raises(MemoryError):
        occlude(make_classifier(small_densenet), prepared, window=24, stride=24)


def test_that_windows_that_leave_gaps_are_refused(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    with pytest.raises(KnownError, match="leave gaps"):
        occlude(make_classifier(small_densenet), prepared, window=8, stride=9)


class Logarithm(nn.Module):
    """No number where anything is zero."""

    def forward(self, x: Tensor) -> Tensor:
        return (x.amin((1, 2, 3)).log() * 0)[:, None]


def test_that_a_model_that_gives_no_number_for_a_covered_input_fails_the_map_with_the_reason(
    prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(Logarithm().eval(), ("Opacity",))
    (saliency,) = occlude(classifier, prepared, ["Opacity"], window=32, stride=32, fill="zero").maps
    assert saliency.status is MapStatus.FAILED
    assert "not numbers" in saliency.reason
    assert not saliency.values.any()


class Rounded(nn.Module):
    """A logit in whose last bits alone the image shows."""

    def forward(self, x: Tensor) -> Tensor:
        return 1000 + 1e-4 * x.mean((1, 2, 3))[:, None]


def test_that_differences_no_larger_than_rounding_are_an_empty_map(
    prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(Rounded().eval(), ("Opacity",))
    (saliency,) = occlude(classifier, prepared, ["Opacity"], window=80, stride=32, fill="zero").maps
    assert saliency.status is MapStatus.EMPTY
    assert saliency.reason
    assert not saliency.values.any()


def test_that_values_against_the_finding_are_kept(
    prepared: Prepared, make_classifier: Make
) -> None:
    """The mean rises where dark places are covered and falls where bright ones are."""
    classifier = make_classifier(Sum().eval(), ("Opacity",))
    (saliency,) = occlude(classifier, prepared, ["Opacity"], window=8, stride=8).maps
    assert saliency.status is MapStatus.OK
    cells = prepared.tensor[0, 0].unflatten(0, (12, 8)).unflatten(2, (10, 8)).mean((1, 3)).numpy()
    expected = (cells - float(prepared.tensor.mean())) * 64 / (96 * 80)
    np.testing.assert_allclose(saliency.values, expected, rtol=0, atol=1e-7)
