"""Headers and refusals as lines of JSON."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsal.core.errors import RefusalCode
from radsal.core.radiograph import ImageHeader
from radsal.core.records import found_in, record_of
from radsal.core.refused import Refused

TEXT = st.text(st.characters(), max_size=12)
NUMBER = st.integers(1, 2**31)
KINDS = {
    "rows": NUMBER,
    "columns": NUMBER,
    "frames": NUMBER,
    "bits_stored": NUMBER,
    "lossy": st.booleans(),
    "series_number": st.none() | st.integers(-(2**31), 2**31),
    "instance_number": st.none() | st.integers(-(2**31), 2**31),
    "orientation": st.none() | st.tuples(TEXT, TEXT),
    "sop_instance_uid": TEXT.filter(bool),
    "study_instance_uid": TEXT.filter(bool),
}
HEADERS = st.builds(
    ImageHeader,
    path=st.just(Path("films/1.dcm")),
    **{f.name: KINDS.get(f.name, TEXT) for f in fields(ImageHeader) if f.name != "path"},
)
REFUSALS = st.builds(
    Refused, st.just(Path("films/2.dcm")), st.sampled_from(RefusalCode), TEXT, TEXT
)


@given(st.lists(HEADERS | REFUSALS, max_size=4))
def test_that_what_was_found_comes_back_as_it_was(found: list[ImageHeader | Refused]) -> None:
    records = [record_of(item) for item in found]
    assert all(record.isascii() and "\n" not in record for record in records)
    assert found_in(records, [item.path for item in found]) == found


@pytest.mark.parametrize("record", ["", "[", "{}", "[1]", '["a","b"]', "[1,2],[3,4]", "null"])
def test_that_a_record_that_is_damaged_is_told(record: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own, and ours
        found_in([record], [Path("1.dcm")])
