"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# In continuous integration the same examples each time; on a workstation new ones are looked for.
settings.register_profile("same", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("same")

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real radiographs beside the checkout; its README says where they are from.

    Tests that use it carry ``@pytest.mark.real_data``. They are skipped where the folder is
    missing, and fail where it is missing in continuous integration.
    """
    if SHARED_DATA.is_dir():
        return SHARED_DATA
    reason = "the shared data folder (../shared/data) is missing"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
