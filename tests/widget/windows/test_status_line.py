"""What the status line says of the pixel under the mouse."""

import pytest

from radsal.app.viewer import Hover
from radsal.app.windows.status_line import pixel_text


@pytest.mark.parametrize(
    ("hover", "text"),
    [
        (None, ""),
        (Hover(3, 4, 100, 92.5, None), "row 3, column 4: 92.5"),
        (Hover(3, 4, 0, 0.0, 0.125), "row 3, column 4: 0 · map 0.125"),
        (Hover(0, 1, None, None, None, (0, 0, 0)), "row 0, column 1: RGB 0 0 0"),
        (Hover(0, 1, None, None, -2.0, (9, 80, 255)), "row 0, column 1: RGB 9 80 255 · map -2"),
    ],
)
def test_that_the_pixel_is_told_by_place_value_or_colours_and_map(hover, text) -> None:
    assert pixel_text(hover) == text
