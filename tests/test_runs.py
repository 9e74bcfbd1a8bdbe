"""A map's runs: on paper, there and back, and everything that is no map."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from garmentgen.errors import UserError
from garmentgen.labels import BACKGROUND, NUM_LABELS
from garmentgen.runs import from_runs, to_runs

ids = st.sampled_from((0, 1, NUM_LABELS - 1, BACKGROUND))


def test_runs_go_on_over_the_end_of_a_row():
    labels = np.array([[BACKGROUND, 3, 3], [3, 3, 0]], np.uint8)
    assert to_runs(labels) == [BACKGROUND, 1, 3, 4, 0, 1]
    np.testing.assert_array_equal(from_runs([BACKGROUND, 1, 3, 4, 0, 1], 2, 3, "it"), labels)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=ids))
def test_there_and_back(labels):
    np.testing.assert_array_equal(from_runs(to_runs(labels), *labels.shape, "it"), labels)


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        ([], "flat list of pairs"),
        ([1], "flat list of pairs"),
        ([1, 5], "should fill 3 x 2 pixels, but fills 5"),
        ([1, 6, 2, 0], "should fill"),
        ([NUM_LABELS, 6], "class ids"),
        ([1, 10**30], "numbers from 0"),
        ([-1, 6], "numbers from 0"),
    ],
)
def test_what_is_no_map_is_said(runs, reason):
    with pytest.raises(UserError, match=f"this map .*{reason}"):
        from_runs(runs, 2, 3, "this map")
