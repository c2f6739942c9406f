"""What a phantom promises: the same bytes, exact masks, labels that are true."""

import dataclasses

import numpy as np
import pytest
from scipy.ndimage import label

from radsal.demo.phantom import FINDINGS, Phantom, make_phantom

ROWS = 240
KEYS = {
    "body", "exposed", "lungs", "heart", "device", "opacity", "nodule", "consolidation",
    "effusion", "id", "marker", "position",
}  # fmt: skip


def phantom(seed: int, **wanted: object) -> Phantom:
    return make_phantom(seed, rows=ROWS, **wanted)  # type: ignore[arg-type]


def test_that_a_seed_gives_the_same_bytes_each_time() -> None:
    first, second = phantom(3, opacity="consolidation"), phantom(3, opacity="consolidation")
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert first.identity == second.identity
    assert first.tags == second.tags
    for name in KEYS:
        assert np.array_equal(first.masks[name], second.masks[name])


def test_that_seeds_differ_in_body_and_identity() -> None:
    films = [phantom(seed) for seed in range(4)]
    assert len({film.pixels.tobytes() for film in films}) == 4
    assert len({film.identity for film in films}) == 4


def test_that_pixels_have_twelve_bits_and_bone_is_bright() -> None:
    film = phantom(5, id_tag=False, marker=False)
    assert film.pixels.dtype == np.uint16
    assert film.pixels.max() <= 4095
    below = film.masks["body"] & ~film.masks["lungs"] & ~film.masks["device"]
    assert film.pixels[below].mean() > film.pixels[film.masks["lungs"]].mean() + 500
    air = film.masks["exposed"] & ~film.masks["body"]
    if air.any():
        assert film.pixels[air].mean() < film.pixels[film.masks["lungs"]].mean()


def test_that_every_mask_is_there_at_the_size_of_the_image() -> None:
    film = phantom(6)
    assert set(film.masks) == KEYS
    assert {mask.shape for mask in film.masks.values()} == {film.pixels.shape}
    assert {mask.dtype for mask in film.masks.values()} == {np.dtype(bool)}


@pytest.mark.parametrize("kind", ["id", "marker", "position"])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_that_a_tag_changes_the_pixels_of_its_mask_and_no_others(seed: int, kind: str) -> None:
    wanted = {"id_tag": False, "marker": False, "position_text": False}
    key = {"id": "id_tag", "marker": "marker", "position": "position_text"}[kind]
    bare, tagged = phantom(seed, **wanted), phantom(seed, **(wanted | {key: True}))
    changed = bare.pixels != tagged.pixels
    assert not (changed & ~tagged.masks[kind]).any()
    assert changed.sum() > 0.5 * tagged.masks[kind].sum()
    assert not bare.masks[kind].any()


@pytest.mark.parametrize("seed", range(6))
def test_that_a_tags_box_is_the_extent_of_its_mask(seed: int) -> None:
    film = phantom(seed, position_text=True)
    assert {tag.kind for tag in film.tags} == {"id", "marker", "position"}
    for tag in film.tags:
        rows, columns = np.nonzero(film.masks[tag.kind])
        extent = (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        assert tag.box == tuple(int(edge) for edge in extent)


def test_that_the_id_tag_shows_the_synthetic_identity() -> None:
    film = phantom(11)
    (tag,) = (tag for tag in film.tags if tag.kind == "id")
    assert film.identity.family in tag.text
    assert film.identity.patient_id.startswith("SYN-")
    assert film.identity.birth_date < film.identity.study_date


@pytest.mark.parametrize("kind", ["nodule", "consolidation", "effusion"])
@pytest.mark.parametrize("seed", [21, 22, 23])
def test_that_an_opacity_brightens_its_mask_in_the_chest(kind: str, seed: int) -> None:
    well, ill = (phantom(seed, opacity=k, id_tag=False, marker=False) for k in (None, kind))
    mask = ill.masks["opacity"]
    assert mask.any()
    assert np.array_equal(mask, ill.masks[kind])
    assert not (mask & ~ill.masks["body"]).any()
    gain = ill.pixels.astype(float) - well.pixels
    away = well.masks["lungs"] & ~mask
    assert gain[mask].mean() > gain[away].mean() + 100


def test_that_an_opacity_leaves_the_rest_of_the_body_where_it_was() -> None:
    well, ill = phantom(31, opacity=None), phantom(31, opacity="nodule")
    for name in ("body", "lungs", "heart", "exposed", "id", "marker"):
        assert np.array_equal(well.masks[name], ill.masks[name])


@pytest.mark.parametrize("seed", range(40, 46))
def test_that_nodules_measure_12_to_35_mm(seed: int) -> None:
    film = make_phantom(seed, rows=500, opacity="nodule", id_tag=False, marker=False)
    parts, count = label(film.masks["nodule"])
    assert 1 <= count <= 3
    for index in range(1, count + 1):
        rows, columns = np.nonzero(parts == index)
        width = (columns.max() - columns.min() + 1) * film.spacing_mm
        # Lobes add up to 11 %, two nodules may touch, an edge may be hidden or cut off.
        assert 4.0 < width < 75.0
        if count == 1 and parts.astype(bool)[rows.min() : rows.max() + 1].sum() == rows.size:
            across = 2 * np.sqrt(rows.size / np.pi) * film.spacing_mm
            assert across < 35 * 1.12


@pytest.mark.parametrize(
    ("kind", "truth"),
    [
        (None, (False, False, False)),
        ("consolidation", (True, False, False)),
        ("effusion", (True, True, False)),
        ("nodule", (True, False, True)),
    ],
)
def test_that_labels_say_what_is_there(kind: str | None, truth: tuple[bool, ...]) -> None:
    film = phantom(50, opacity=kind)
    assert tuple(film.labels[name] for name in FINDINGS) == truth


def test_that_lungs_and_heart_lie_apart_in_the_body() -> None:
    for seed in range(60, 64):
        masks = phantom(seed).masks
        assert not (masks["lungs"] & masks["heart"]).any()
        assert not (masks["lungs"] & ~masks["body"]).any()
        assert 0.1 < masks["lungs"].mean() < 0.6
        assert 0.01 < masks["heart"].mean() < 0.2


def test_that_the_heart_lies_mostly_on_the_patients_left() -> None:
    film = phantom(64)
    centre = np.nonzero(film.masks["heart"])[1].mean()
    assert centre > np.nonzero(film.masks["lungs"])[1].mean()


def test_that_a_seed_shows_the_same_body_at_any_resolution() -> None:
    coarse = make_phantom(70, rows=150, id_tag=False, marker=False)
    fine = make_phantom(70, rows=300, id_tag=False, marker=False)
    assert fine.spacing_mm == pytest.approx(coarse.spacing_mm / 2)
    columns = min(fine.pixels.shape[1] // 2, coarse.pixels.shape[1])
    halved = fine.pixels[:, : 2 * columns].reshape(150, 2, columns, 2).mean(axis=(1, 3))
    assert np.corrcoef(halved.ravel(), coarse.pixels[:, :columns].ravel())[0, 1] > 0.98


def test_that_nothing_is_exposed_outside_the_collimator() -> None:
    shut = [film for film in map(phantom, range(80, 90)) if not film.masks["exposed"].all()]
    assert shut
    for film in shut:
        outside = ~film.masks["exposed"] & ~film.masks["id"] & ~film.masks["marker"]
        assert not film.pixels[outside].any()


def test_that_an_unknown_opacity_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown opacity 'fracture'"):
        phantom(1, opacity="fracture")


def test_that_a_phantom_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        phantom(1).seed = 2  # type: ignore[misc]
