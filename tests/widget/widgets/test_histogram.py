"""Counts and the place of the mark, beside NumPy's histogram."""

import numpy as np
import pytest

from radsal.app.widgets.histogram import BINS, Histogram, binned


def test_that_the_bars_are_numpys_counts_over_the_range_with_the_mark() -> None:
    values = np.random.default_rng(0).normal(0, 0.2, 99)
    counts, place = binned(list(values), -4.0)
    expected, _ = np.histogram(values, BINS, (-4.0, values.max()))
    assert counts == list(expected)
    assert place == 0.0


@pytest.mark.parametrize(("mark", "place"), [(3.0, 1.0), (1.0, 0.5)])
def test_that_the_mark_lies_at_its_share_of_the_range(mark: float, place: float) -> None:
    assert binned([-1.0, 3.0], mark)[1] == place


def test_that_no_values_and_equal_values_are_drawn_without_complaint(qtbot) -> None:
    shown = Histogram()
    qtbot.addWidget(shown)
    shown.show()
    for values in ([], [1.0, 1.0]):
        shown.show_values(values, 1.0)
        assert not shown.grab().isNull()
