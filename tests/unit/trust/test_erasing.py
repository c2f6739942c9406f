"""Erasures on networks whose answer is known in closed form; p where there is no effect."""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from radsal.core.erasure import FILL_INS
from radsal.core.geometry import Box
from radsal.inference.classifier import Classifier
from radsal.trust.controls import draw_controls
from radsal.trust.erasing import Erased, erase, keep_only
from radsal.trust.fillins import fill_in
from radsal.trust.regions import Region

Weighing = Callable[[Tensor], Classifier]
SHAPE = (48, 64)


def finish(steps: Generator[Any, None, Erased]) -> Erased:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def film(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(10, 1, SHAPE).astype(np.float32)


def p_of(erased: Erased) -> float:
    drop = erased.after.logit - erased.before.logit
    return (1 + sum(c <= drop for c in erased.controls)) / (len(erased.controls) + 1)


@pytest.mark.parametrize("how", FILL_INS)
def test_that_the_logits_are_those_of_the_filled_films(weighing: Weighing, how: str) -> None:
    weights = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0)) / 50
    image, region = film(1), Region.of_box(Box(10, 20, 20, 34), SHAPE)
    done = finish(erase(weighing(weights), image, region, "Opacity", how=how, count=9))

    def logit(pixels: NDArray[np.float32]) -> float:
        return float((pixels.astype(np.float64) * weights.double().numpy()).sum())

    assert done.before.logit == pytest.approx(logit(image), abs=1e-3)
    assert done.after.logit == pytest.approx(logit(fill_in(image, region, how)), abs=1e-3)
    assert done.kept.logit == pytest.approx(logit(keep_only(image, region)), abs=1e-3)
    assert done.before.probability == pytest.approx(1 / (1 + np.exp(-done.before.logit)), abs=1e-6)


def test_that_a_region_on_which_the_answer_hangs_stands_out_from_all_controls(
    weighing: Weighing,
) -> None:
    weights = torch.zeros(SHAPE)
    weights[10:20, 20:34] = 0.1
    image = film(2)
    image[10:20, 20:34] += 3
    region = Region.of_box(Box(10, 20, 20, 34), SHAPE)
    steps = erase(weighing(weights), image, region, "Opacity", count=99, method="hirescam")
    done = finish(steps)
    assert p_of(done) == 0.01
    assert done.map_change.share_before > 0.95


def test_that_keeping_only_the_region_leaves_it_and_no_detail_elsewhere() -> None:
    image, region = film(3), Region.of_box(Box(10, 20, 20, 34), SHAPE)
    kept = keep_only(image, region)
    inside = region.whole()
    assert np.array_equal(kept[inside], image[inside])
    assert kept[~inside].std() < 0.35 * image[~inside].std()


def test_that_p_is_never_small_in_a_half_of_the_film_that_the_network_ignores(
    weighing: Weighing,
) -> None:
    """Ties with controls without effect count against the region: p is 1, not uniform."""
    weights = torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))
    weights[:, :32] = 0
    classifier, generator = weighing(weights), np.random.default_rng(5)
    found = []
    for number in range(60):
        r, c = int(generator.integers(0, 40)), int(generator.integers(0, 24))
        region = Region.of_box(Box(r, c, r + 8, c + 8), SHAPE)
        steps = erase(classifier, film(number), region, "Opacity", how="zero", count=19)
        found.append(p_of(finish(steps)))
    for level in (0.05, 0.1, 0.2):
        assert np.mean(np.array(found) <= level) <= level


def test_that_p_is_uniform_where_a_region_is_like_any_other(
    weighing: Weighing,
) -> None:
    """Independent random weights on every pixel: the region is one of 20 that are alike."""
    generator, found = np.random.default_rng(7), []
    for number in range(500):
        weights = torch.randn(SHAPE, generator=torch.Generator().manual_seed(number))
        r, c = int(generator.integers(0, 40)), int(generator.integers(0, 56))
        region = Region.of_box(Box(r, c, r + 8, c + 8), SHAPE)
        steps = erase(
            weighing(weights - weights.mean()), film(number), region, "Opacity",
            how="zero", count=19, seed=number,
        )  # fmt: skip
        found.append(p_of(finish(steps)))
    # p takes the values 1/20 … 20/20: spread evenly over the step below each to be continuous
    spread = np.array(found) - generator.uniform(0, 1 / 20, len(found))
    assert stats.kstest(spread, "uniform").pvalue > 0.01


def test_that_controls_end_early_after_enough_strong_ones(weighing: Weighing) -> None:
    weights = torch.zeros(SHAPE)
    image, region = film(4), Region.of_box(Box(10, 20, 20, 34), SHAPE)
    done = finish(erase(weighing(weights), image, region, "Opacity", count=99, enough=5))
    assert len(done.controls) == 5
    assert p_of(done) == 1.0


def test_that_work_can_be_given_up_at_every_step(weighing: Weighing) -> None:
    region = Region.of_box(Box(10, 20, 20, 34), SHAPE)
    image = film(6)
    count = sum(1 for _ in erase(weighing(torch.ones(SHAPE)), image, region, "Opacity", count=20))
    assert count >= 4
    for stop in range(count):
        steps = erase(weighing(torch.ones(SHAPE)), image, region, "Opacity", count=20)
        for _ in range(stop):
            next(steps)
        steps.close()
    assert np.array_equal(image, film(6))


def test_that_a_film_that_an_erasure_does_not_change_has_no_change_to_the_last_bit(
    densenet: Classifier,
) -> None:
    """Where film and filling are the same flat dark, region and controls change nothing at all."""
    image = film(8)
    image[:, :40] = 10
    region = Region.of_box(Box(10, 10, 18, 18), SHAPE)
    done = finish(erase(densenet, image, region, "Opacity", how="diffusion", count=60))
    controls = draw_controls(image, region, 60).regions
    flat = [c.box.c1 + 12 <= 40 for c in controls]
    assert sum(flat) >= 3
    assert done.after.logit == done.before.logit
    assert {change for change, same in zip(done.controls, flat, strict=True) if same} == {0.0}
