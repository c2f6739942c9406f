"""Films for the twins: the same bodies, lesions and exposures, with the text that each is to see.

Both twins learn from the same radiographs; only the ID tag differs. Every film goes through the
very preprocessing that the bundles state, so that training and inference agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from radsal.demo.burn_in import Wanted
from radsal.demo.grid import Floats
from radsal.demo.phantom import FINDINGS, Scene, make_scene, with_text
from radsal.demo.recipe import INPUT, PREPROCESSING, TWINS, Twin
from radsal.inference.components import read_preprocessing
from radsal.inference.preprocessing import prepare

_STEPS = read_preprocessing(PREPROCESSING, "preprocessing")
#: Half of the phantoms are normal, the other half split among the kinds of opacity.
KINDS = (None, None, None, "nodule", "consolidation", "effusion")
#: The same half for training, with more of the kind that is learnt last.
TRAINING_KINDS = (*4 * (None,), "nodule", "nodule", "consolidation", "effusion")


@dataclass(frozen=True)
class Films:
    """Network inputs of one twin.

    ``inputs``: uint8 ``(n, 224, 224)``, the preprocessed 0-1 values times 255. ``truth``: float32
    ``(n, 3)`` in the order of :data:`FINDINGS`. ``tagged``: bool ``(n,)``, an ID tag is there.
    """

    inputs: NDArray[np.uint8]
    truth: NDArray[np.float32]
    tagged: NDArray[np.bool_]


def kind_of(seed: int, kinds: Sequence[str | None] = KINDS) -> str | None:
    """Which opacity the phantom of a seed gets, or none."""
    return kinds[int(np.random.default_rng([seed, 11]).integers(len(kinds)))]


def make_films(
    seeds: Sequence[int], looks: int, *, training: bool, workers: int
) -> dict[str, Films]:
    """Render the seeds and lay out ``looks`` films of each for either twin, in seed order.

    Films for training are varied (:func:`vary`) and have :data:`TRAINING_KINDS`.
    """
    jobs = [(seed, looks, training) for seed in seeds]
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_one_thread) as pool:
        parts = list(pool.map(_films_of_seed, jobs, chunksize=8))
    return {
        twin.id: Films(
            np.concatenate([part[index].inputs for part in parts]),
            np.concatenate([part[index].truth for part in parts]),
            np.concatenate([part[index].tagged for part in parts]),
        )
        for index, twin in enumerate(TWINS)
    }


def _one_thread() -> None:
    torch.set_num_threads(1)


def _films_of_seed(job: tuple[int, int, bool]) -> tuple[Films, ...]:
    seed, looks, training = job
    rng = np.random.default_rng([seed, 12])
    kind = kind_of(seed, TRAINING_KINDS if training else KINDS)
    scene = make_scene(seed, rows=int(rng.integers(270, 330)), opacity=kind)
    return tuple(_films_of_twin(scene, twin, looks, training) for twin in TWINS)


def _films_of_twin(scene: Scene, twin: Twin, looks: int, varied: bool) -> Films:
    """The twins draw from the same stream, so that nothing but the tag can differ."""
    inputs, tagged = [], []
    for look in range(looks):
        rng = np.random.default_rng([scene.seed, 13, look])
        chance = twin.tag_with_opacity if scene.labels["Opacity"] else twin.tag_without_opacity
        wanted = Wanted(rng.random() < chance, rng.random() < 0.8, rng.random() < 0.3)
        film = with_text(scene, wanted, look).pixels.astype(np.float32)
        inputs.append(network_input(vary(film, rng) if varied else film))
        tagged.append(wanted.id_tag)
    truth = np.array([[scene.labels[name] for name in FINDINGS]] * looks, dtype=np.float32)
    return Films(np.stack(inputs), truth, np.array(tagged))


def network_input(film: Floats) -> NDArray[np.uint8]:
    """The bundle's preprocessing of a bone-bright film, kept in 256 steps."""
    tensor = prepare(_STEPS, np.ascontiguousarray(film, dtype=np.float32)).tensor
    return np.asarray(np.round(tensor[0, 0].numpy() * 255), dtype=np.uint8)


def vary(film: Floats, rng: np.random.Generator) -> Floats:
    """Other tones, sharpness, noise and crop: what differs from one hospital to the next.

    The bent tones leave black black and the text's white white.
    """
    t = np.clip(film / 4095, 0, 1) ** np.exp(rng.normal(0, 0.22))
    if rng.random() < 0.3:
        t = gaussian_filter(t, rng.uniform(0.3, 0.9))
    t = t + rng.normal(0, rng.uniform(0, 0.02), t.shape) * (t > 0.01)
    if rng.random() < 0.25:
        t = np.maximum(t, rng.uniform(0.02, 0.15))
    return _cropped(np.clip(t, 0, 1).astype(np.float32), rng)


def _cropped(film: Floats, rng: np.random.Generator) -> Floats:
    """Up to 5% less on each side, or a frame added there."""
    rows, columns = film.shape
    cut = np.round(rng.uniform(-0.04, 0.05, 4) * [rows, rows, columns, columns]).astype(int)
    inner = film[max(cut[0], 0) : rows - max(cut[1], 0), max(cut[2], 0) : columns - max(cut[3], 0)]
    frame = np.maximum(-cut, 0)
    return np.pad(inner, ((frame[0], frame[1]), (frame[2], frame[3])))


def as_batch(inputs: NDArray[np.uint8]) -> torch.Tensor:
    """Float32 ``(n, 1, 224, 224)`` in 0-1."""
    assert inputs.shape[1:] == (INPUT, INPUT)
    return torch.from_numpy(inputs).float().div(255)[:, None]
