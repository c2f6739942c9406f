"""Synthetic chest radiographs whose truth is known to the pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.demo.anatomy import Projection, project
from radsal.demo.burn_in import TAG_KINDS, Stamp, Tag, Wanted, make_stamps, stamped
from radsal.demo.grid import Floats, Grid, Mask
from radsal.demo.identity import Identity, sample_identity
from radsal.demo.lesions import KINDS, Lesion, make_lesion, with_lesion
from radsal.demo.patient import Patient, sample_patient
from radsal.demo.xray import (
    Exposure,
    counted,
    film,
    fluence,
    line_integral,
    sample_exposure,
)

#: What the demo models look for, in the order of their outputs.
FINDINGS = ("Opacity", "Effusion", "Nodule")
#: Fields, height by width in mm for a patient of size 1, with the share of films of each.
_FORMATS = ((400.0, 335.0, 0.35), (385.0, 385.0, 0.35), (340.0, 410.0, 0.30))
_FULL = 4095


@dataclass(frozen=True)
class Phantom:
    """One synthetic radiograph.

    ``pixels``: uint16 ``(rows, columns)``, 12 bits (0-4095), bone bright. ``masks``: bool images of
    the same size; always the keys ``body``, ``exposed`` (inside the collimator), ``lungs`` (the
    visible fields, lesions included), ``heart``, ``device`` (ECG leads), ``opacity`` (any), ``nodule``, ``consolidation``,
    ``effusion``, ``id``, ``marker``, ``position`` (pixels that the text covers). ``spacing_mm``:
    pixel size at the detector. ``labels``: one truth for each of :data:`FINDINGS`.
    """

    pixels: NDArray[np.uint16]
    masks: Mapping[str, Mask]
    spacing_mm: float
    seed: int
    labels: Mapping[str, bool]
    identity: Identity
    tags: tuple[Tag, ...]
    view: str


@dataclass(frozen=True)
class Scene:
    """A radiograph before its text: film float32 0-1, and everything that text does not change."""

    film: Floats
    masks: Mapping[str, Mask]
    patient: Patient
    identity: Identity
    grid: Grid
    seed: int
    labels: Mapping[str, bool]


def make_phantom(
    seed: int,
    *,
    rows: int = 1400,
    opacity: str | None = None,
    id_tag: bool = True,
    marker: bool = True,
    position_text: bool = False,
) -> Phantom:
    """Make the radiograph of ``seed``; the same arguments give the same bytes.

    ``opacity`` is ``None``, ``"nodule"``, ``"consolidation"`` or ``"effusion"``. The patient, the
    exposure and the look of each tag depend on the seed alone.
    """
    scene = make_scene(seed, rows=rows, opacity=opacity)
    return with_text(scene, Wanted(id_tag, marker, position_text))


def make_scene(seed: int, *, rows: int, opacity: str | None = None) -> Scene:
    """Anatomy, lesion, exposure and collimation of ``seed``, without any text."""
    streams = [np.random.default_rng([seed, part]) for part in range(7)]
    patient, exposure = sample_patient(streams[0]), sample_exposure(streams[1])
    grid = _sample_grid(patient, rows, streams[2])
    projection = project(patient, grid, streams[3])
    lesion = make_lesion(opacity, projection, streams[4]) if opacity else None
    exposed = _collimation(grid, streams[2])
    paths = with_lesion(projection, lesion) if lesion else projection.paths
    shown = _expose(paths, grid, exposed, exposure, streams[5])
    masks = _masks(projection, exposed, opacity, lesion)
    identity = sample_identity(seed, patient, streams[6])
    return Scene(shown, masks, patient, identity, grid, seed, _labels(opacity))


def with_text(scene: Scene, wanted: Wanted, look: int = 0) -> Phantom:
    """Burn the wanted tags into a scene; ``look`` gives other tags for the same seed."""
    rng = np.random.default_rng([scene.seed, 7, look])
    stamps = make_stamps(wanted, scene.identity, scene.grid.shape, rng)
    image = stamped(scene.film, stamps)
    return Phantom(
        pixels=np.round(np.clip(image, 0, 1) * _FULL).astype(np.uint16),
        masks={**scene.masks, **_tag_masks(stamps, scene.grid.shape)},
        spacing_mm=scene.grid.spacing_mm,
        seed=scene.seed,
        labels=scene.labels,
        identity=scene.identity,
        tags=tuple(stamp.tag for stamp in stamps),
        view=scene.patient.view,
    )


def _labels(opacity: str | None) -> Mapping[str, bool]:
    truths = (opacity is not None, opacity == "effusion", opacity == "nodule")
    return dict(zip(FINDINGS, truths, strict=True))


def _sample_grid(patient: Patient, rows: int, rng: np.random.Generator) -> Grid:
    """The film's size and where the patient stands before it."""
    shares = np.array([share for *_, share in _FORMATS])
    height, width, _ = _FORMATS[int(rng.choice(len(_FORMATS), p=shares / shares.sum()))]
    scale = patient.size * rng.uniform(0.92, 1.06)
    height, width = height * scale, width * scale
    spacing = height / rows
    top = -0.14 * height + rng.normal(0, 7)
    left = -width / 2 + rng.normal(0, 6)
    return Grid(rows, round(width / spacing), spacing, left, top)


def _collimation(grid: Grid, rng: np.random.Generator) -> Mask:
    """The exposed field: often the whole film, else a rectangle that may be slightly turned."""
    shut = rng.random(4) < 0.45
    inset = np.where(shut, rng.uniform(3, 24, 4), -30.0)
    turn = np.deg2rad(rng.normal(0, 1.2) if rng.random() < 0.4 else 0.0)
    x, z = grid.x - float(grid.x.mean()), grid.z - float(grid.z.mean())
    u, v = x * np.cos(turn) + z * np.sin(turn), -x * np.sin(turn) + z * np.cos(turn)
    wide, tall = grid.columns * grid.spacing_mm / 2, grid.rows * grid.spacing_mm / 2
    across = (u > inset[0] - wide) & (u < wide - inset[1])
    return np.asarray(across & (v > inset[2] - tall) & (v < tall - inset[3]))


def _expose(
    paths: Mapping[str, Floats],
    grid: Grid,
    exposed: Mask,
    exposure: Exposure,
    rng: np.random.Generator,
) -> Floats:
    expected = fluence(line_integral(paths), grid, exposure)
    return film(counted(expected, grid, exposure, rng), exposed, grid, exposure)


def _masks(
    projection: Projection, exposed: Mask, opacity: str | None, lesion: Lesion | None
) -> dict[str, Mask]:
    masks = {
        "body": projection.body & exposed,
        "exposed": exposed,
        "lungs": projection.lungs & exposed,
        "heart": projection.heart & exposed,
        "device": projection.device & exposed,
    }
    nothing = np.zeros(projection.grid.shape, dtype=bool)
    seen = lesion.mask & exposed if lesion else nothing
    return (
        masks | {"opacity": seen} | {kind: seen if kind == opacity else nothing for kind in KINDS}
    )


def _tag_masks(stamps: tuple[Stamp, ...], shape: tuple[int, int]) -> dict[str, Mask]:
    masks: dict[str, Mask] = {kind: np.zeros(shape, dtype=bool) for kind in TAG_KINDS}
    return masks | {stamp.tag.kind: stamp.mask(shape) for stamp in stamps}
