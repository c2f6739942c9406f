"""Paths through known solids, against closed forms and brute force."""

import numpy as np
import pytest

from radsal.demo.grid import Grid
from radsal.demo.intervals import around, ellipsoid, length, union_length
from radsal.demo.tubes import along, joined, thickness
from radsal.demo.xray import MU_PER_MM, line_integral, transmitted

GRID = Grid(rows=120, columns=140, spacing_mm=0.5, left_mm=-35.0, top_mm=-30.0)


def slab(mm: float) -> np.ndarray:
    return np.full(GRID.shape, mm, dtype=np.float32)


def test_that_a_slab_of_soft_tissue_transmits_by_beer_lambert() -> None:
    seen = transmitted(line_integral({"soft": slab(100.0)}))
    np.testing.assert_allclose(seen, np.exp(-0.2048 * 1.06 * 10.0), rtol=1e-5)


def test_that_layers_multiply_their_transmissions() -> None:
    both = transmitted(line_integral({"fat": slab(20.0), "lung": slab(150.0)}))
    alone = [np.exp(-MU_PER_MM[name] * mm) for name, mm in (("fat", 20.0), ("lung", 150.0))]
    np.testing.assert_allclose(both, alone[0] * alone[1], rtol=1e-5)


def test_that_bone_displaces_the_soft_tissue_around_it() -> None:
    integral = line_integral({"soft": slab(100.0), "cortical": slab(4.0)})
    expected = MU_PER_MM["soft"] * 96.0 + MU_PER_MM["cortical"] * 4.0
    np.testing.assert_allclose(integral, expected, rtol=1e-5)


def test_that_a_half_value_layer_halves_the_fluence() -> None:
    layer = float(np.log(2) / MU_PER_MM["cortical"])
    mu = MU_PER_MM["cortical"] - MU_PER_MM["soft"]
    seen = transmitted(line_integral({"cortical": slab(layer), "soft": slab(layer)}))
    assert mu > 0
    np.testing.assert_allclose(seen, 0.5, rtol=1e-5)


def test_that_an_ellipsoid_holds_its_volume() -> None:
    path = length(ellipsoid(GRID.x, GRID.z, (1.0, 7.0, 0.5), (20.0, 9.0, 14.0), tilt_deg=33.0))
    volume = float(path.sum()) * GRID.spacing_mm**2
    assert volume == pytest.approx(4 / 3 * np.pi * 20 * 9 * 14, rel=2e-3)


def test_that_a_union_of_solids_is_what_counting_voxels_gives() -> None:
    solids = [
        ellipsoid(GRID.x, GRID.z, (0.0, 0.0, 0.0), (20.0, 15.0, 18.0)),
        ellipsoid(GRID.x, GRID.z, (6.0, 8.0, -4.0), (15.0, 12.0, 15.0)),
        ellipsoid(GRID.x, GRID.z, (-9.0, 30.0, 3.0), (12.0, 6.0, 12.0)),
    ]
    within = around(5.0, np.full(GRID.shape, 22.0, dtype=np.float32))
    depths = np.arange(-40.0, 60.0, 0.1, dtype=np.float32)[:, None, None]
    inside = np.zeros((depths.size, *GRID.shape), dtype=bool)
    for front, back in solids:
        inside |= (depths > front) & (depths < back)
    inside &= (depths > within[0]) & (depths < within[1])
    np.testing.assert_allclose(union_length(solids, within), inside.sum(axis=0) * 0.1, atol=0.45)


def test_that_a_cylinder_across_the_beam_shows_its_chord() -> None:
    axis = np.array([[-60.0, 0.0, 0.0], [60.0, 0.0, 0.0]])
    path = thickness(along(axis, 6.0), GRID)[:, 70]
    radius = 1.18 ** round(np.log(6.0) / np.log(1.18))
    chord = 2 * np.sqrt(np.clip(radius**2 - GRID.z[:, 0] ** 2, 0, None)) * (6.0 / radius) ** 2
    inner = np.abs(GRID.z[:, 0]) < 0.85 * radius
    np.testing.assert_allclose(path[inner], chord[inner], rtol=0.03)
    assert np.abs(path[np.abs(GRID.z[:, 0]) > radius + 1.5]).max() < 0.3


@pytest.mark.parametrize("radius", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("depth", [0.0, 30.0])
def test_that_a_tube_holds_its_volume_however_thin_or_tilted(radius: float, depth: float) -> None:
    axis = np.array([[-15.0, 0.0, -9.0], [12.0, depth, 10.0]])
    volume = float(thickness(along(axis, radius), GRID).sum()) * GRID.spacing_mm**2
    span = float(np.linalg.norm(axis[1] - axis[0]))
    assert volume == pytest.approx(np.pi * radius**2 * span, rel=0.02)


def test_that_a_hollow_tube_holds_the_volume_of_its_wall() -> None:
    tube = along(np.array([[-15.0, 0.0, 0.0], [15.0, 0.0, 0.0]]), 6.0).hollowed(1.0)
    volume = float(thickness(tube, GRID).sum()) * GRID.spacing_mm**2
    assert volume == pytest.approx(np.pi * (36.0 - 25.0) * 30.0, rel=0.02)


def test_that_two_tubes_add_up() -> None:
    one = along(np.array([[-15.0, 0.0, 0.0], [15.0, 0.0, 0.0]]), 3.0)
    two = along(np.array([[0.0, 5.0, -15.0], [0.0, 5.0, 15.0]]), 2.0)
    both = thickness(joined([one, two]), GRID)
    np.testing.assert_allclose(both, thickness(one, GRID) + thickness(two, GRID), atol=1e-2)


def test_that_a_detector_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="not a detector"):
        Grid(rows=0, columns=10, spacing_mm=1.0, left_mm=0.0, top_mm=0.0)
