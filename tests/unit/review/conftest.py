"""Identities and headers; nothing here is a person."""

from collections.abc import Callable
from pathlib import Path

import pytest

from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import ImageHeader


@pytest.fixture
def image() -> ImageIdentity:
    return ImageIdentity("2.25.1", 1, "a" * 64)


@pytest.fixture
def model() -> ModelIdentity:
    return ModelIdentity("demo-opacity", "b" * 64)


@pytest.fixture
def header() -> Callable[..., ImageHeader]:
    """A header of exam 2.25.2 and patient SYN-1, but for what is said otherwise."""

    def build(number: int = 1, **changes: object) -> ImageHeader:
        facts = {
            "path": Path(f"{number}.dcm"),
            "sop_instance_uid": f"2.25.1{number}",
            "sop_class_uid": "1.2.840.10008.5.1.4.1.1.1.1",
            "study_instance_uid": "2.25.2",
            "series_instance_uid": "2.25.3",
            "modality": "DX",
            "transfer_syntax": "1.2.840.10008.1.2.1",
            "photometric": "MONOCHROME2",
            "rows": 4,
            "columns": 4,
            "frames": 1,
            "bits_stored": 12,
            "lossy": False,
            "patient_name": "SYNTH^ANNA",
            "patient_id": "SYN-1",
            "birth_date": "19500203",
        }
        return ImageHeader(**{**facts, **changes})

    return build
