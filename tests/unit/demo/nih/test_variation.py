"""What variation keeps and what it changes."""

import numpy as np
import torch

from radsal.demo.nih.variation import varied


def seen(seed: int, batch: torch.Tensor) -> torch.Tensor:
    return varied(batch.clone(), 56, np.random.default_rng(seed))


def test_that_a_varied_batch_keeps_its_range_and_takes_the_networks_size() -> None:
    batch = torch.rand(40, 1, 80, 80)
    out = seen(1, batch)
    assert out.shape == (40, 1, 56, 56)
    assert 0 <= out.min() <= out.max() <= 1


def test_that_the_generator_alone_decides() -> None:
    batch = torch.rand(6, 1, 80, 80)
    assert torch.equal(seen(1, batch), seen(1, batch))
    assert not torch.equal(seen(1, batch), seen(2, batch))


def test_that_the_middle_of_the_film_stays_near_the_middle() -> None:
    batch = torch.zeros(200, 1, 80, 80)
    batch[..., 36:44, 36:44] = 1
    out = seen(3, batch)
    middle = out[..., 10:46, 10:46].amax((1, 2, 3))
    assert (middle > 0.6).float().mean() > 0.95


def test_that_corners_are_covered_about_half_of_the_time() -> None:
    plain = torch.full((400, 1, 80, 80), 0.5)
    corner = seen(4, plain)[:, 0, :3, :3].reshape(400, -1)
    covered = (corner == corner[:, :1]).all(1)
    assert 0.4 < covered.float().mean() < 0.7
