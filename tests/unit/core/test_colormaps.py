import numpy as np
import pytest
from skimage.color import rgb2lab

from radsal.core.colormaps import NAMES, table


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


@pytest.mark.parametrize("name", NAMES)
def test_that_nobody_can_paint_over_a_table(name):
    with pytest.raises(ValueError, match="read-only"):
        table(name)[0] = 255


def test_that_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError):
        table("jet")
