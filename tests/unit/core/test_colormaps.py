import numpy as np
import pytest
from skimage.color import rgb2lab

from radsal.core.colormaps import COLD, NAMES, WARM, table


@pytest.mark.parametrize("name", [n for n in NAMES if n != "gray"])
def test_that_a_table_is_the_one_that_matplotlib_publishes(name):
    matplotlib = pytest.importorskip("matplotlib")
    published = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    np.testing.assert_array_equal(table(name), published)


@pytest.mark.parametrize("name", NAMES)
def test_that_a_higher_value_is_never_darker(name):
    lightness = rgb2lab(table(name)[None])[0, :, 0]
    assert np.diff(lightness).min() > -0.25  # one step of 8 bits
    assert lightness[-1] - lightness[0] > 60


def test_that_the_gray_table_is_the_identity():
    np.testing.assert_array_equal(table("gray"), np.arange(256)[:, None].repeat(3, axis=1))


@pytest.mark.parametrize("name", [COLD, WARM])
def test_that_the_size_of_signed_evidence_is_its_lightness_alone(name):
    """One straight line, the same for both signs: neither looks stronger than the other."""
    lightness = rgb2lab(table(name)[None])[0, :, 0]
    np.testing.assert_allclose(lightness, np.linspace(20, 80, 256), atol=0.4)


SEEN_BY = {  # Machado, Oliveira and Fernandes 2009 (doi:10.1109/TVCG.2009.113), severity 1
    "everybody": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("who", SEEN_BY)
def test_that_evidence_for_and_against_look_different_to_everybody(who):
    """From a tenth of the scale on, at any two strengths, not only at the same one."""

    def seen(name):
        screen = table(name)[25:] / 255
        light = np.where(screen <= 0.04045, screen / 12.92, ((screen + 0.055) / 1.055) ** 2.4)
        light = np.clip(light @ np.transpose(SEEN_BY[who]), 0, 1)
        back = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        return rgb2lab(back[None])[0]

    apart = np.linalg.norm(seen(COLD)[:, None] - seen(WARM)[None], axis=2)
    assert apart.min() > 15  # about 2 is just noticed


@pytest.mark.parametrize("name", [*NAMES, COLD, WARM])
def test_that_nobody_can_paint_over_a_table(name):
    with pytest.raises(ValueError, match="read-only"):
        table(name)[0] = 255


def test_that_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError):
        table("jet")
