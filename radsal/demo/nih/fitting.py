"""The network and its training: balanced over view and label, averaged over its last steps."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from monai.networks.nets import ResNet
from numpy.typing import NDArray
from torch import nn

from radsal.demo.nih.films import VIEWS, Film
from radsal.demo.nih.inputs import Inputs, as_batch
from radsal.demo.nih.recipe import INPUT, NETWORK, Recipe
from radsal.demo.nih.variation import varied

Tell = Callable[[str], None]


def new_network() -> nn.Module:
    """The network of :data:`NETWORK` with the weights that torch's seed gives."""
    network: nn.Module = ResNet(**{k: v for k, v in NETWORK.items() if k != "_target_"})
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def balanced(films: Sequence[Film]) -> NDArray[np.float64]:
    """How likely each film is drawn: every pair of view and label as often as every other."""
    chances = np.zeros(len(films))
    for view in VIEWS:
        for positive in (False, True):
            kind = np.array([film.view == view and film.positive == positive for film in films])
            chances[kind] = 1 / kind.sum() if kind.any() else 0
    return np.asarray(chances / chances.sum())


def fit(films: Sequence[Film], inputs: Inputs, recipe: Recipe, tell: Tell) -> nn.Module:
    """Binary cross-entropy, AdamW, one cycle of the learning rate; the averaged network.

    Parameters
    ----------
    inputs:
        uint8 ``(n, 320, 320)``, of the films to learn from.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    network, chances = new_network(), balanced(films)
    average = copy.deepcopy(network)
    truth = np.array([film.positive for film in films], dtype=np.float32)[:, None]
    steps = len(films) // recipe.batch
    optimiser = torch.optim.AdamW(
        network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=steps * recipe.epochs, pct_start=0.2
    )
    network.train()
    for epoch in range(recipe.epochs):
        total = 0.0
        for _ in range(steps):
            chosen = rng.choice(len(films), recipe.batch, p=chances)
            total += _learn(network, optimiser, inputs[chosen], truth[chosen], rng)
            schedule.step()
            _follow(average, network, recipe.average)
        tell(f"epoch {epoch + 1}/{recipe.epochs} loss {total / steps:.4f}")
    return average.eval()


def _learn(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    inputs: Inputs,
    truth: NDArray[np.float32],
    rng: np.random.Generator,
) -> float:
    """One step; the loss before it."""
    batch = varied(as_batch(inputs), INPUT, rng).contiguous(memory_format=torch.channels_last)
    loss = nn.BCEWithLogitsLoss()(network(batch), torch.from_numpy(truth))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.detach())


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, kept: float) -> None:
    """Move the average towards the network; the statistics of its layers too."""
    own = average.state_dict()
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            own[name].lerp_(value, 1 - kept)
        else:
            own[name].copy_(value)


@torch.no_grad()
def logits(network: nn.Module, inputs: Inputs) -> NDArray[np.float64]:
    """Logits ``(n,)`` of uint8 inputs ``(n, 224, 224)``."""
    network.eval()
    parts = [network(as_batch(inputs[k : k + 32]))[:, 0] for k in range(0, len(inputs), 32)]
    return np.asarray(torch.cat(parts).double().numpy())
