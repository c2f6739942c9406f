"""Pixels wait for their identity, and take none but their own."""

from pathlib import Path

import numpy as np
import pytest

from radsal.core.decoded import Decoded
from radsal.core.identity import ImageIdentity
from radsal.core.planes import Overlay, Shutter
from radsal.core.radiograph import (
    GrayscaleChain,
    ImageHeader,
    PixelSpacing,
    SpacingBasis,
    VoiWindow,
)


@pytest.fixture
def decoded() -> Decoded:
    header = ImageHeader(
        path=Path("film.dcm"),
        sop_instance_uid="2.25.1",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        study_instance_uid="2.25.2",
        series_instance_uid="2.25.3",
        modality="CR",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME2",
        rows=3,
        columns=4,
        frames=2,
        bits_stored=12,
        lossy=False,
    )
    return Decoded(
        header,
        np.arange(12, dtype=np.uint16).reshape(3, 4),
        GrayscaleChain(12, signed=False, windows=(VoiWindow(5, 10),)),
        PixelSpacing(0.1, 0.2, SpacingBasis.DETECTOR_PLANE),
        (Overlay(np.ones((2, 2), np.bool_)),),
        Shutter(np.zeros((3, 4), np.bool_), 0.5),
    )


def test_that_pixels_that_get_their_identity_are_the_radiograph(decoded: Decoded) -> None:
    identity = ImageIdentity("2.25.1", 2, "a" * 64)
    film = decoded.named(identity)
    assert film.identity == identity
    for name in ("header", "stored", "chain", "spacing", "overlays", "shutter"):
        assert getattr(film, name) is getattr(decoded, name)


def test_that_nobody_can_write_into_pixels_that_are_being_hashed(decoded: Decoded) -> None:
    with pytest.raises(ValueError, match="read-only"):
        decoded.stored[0, 0] = 1


@pytest.mark.parametrize(
    "identity",
    [ImageIdentity("2.25.9", 1, "a" * 64), ImageIdentity("2.25.1", 3, "a" * 64)],
    ids=["another instance", "a frame that is not there"],
)
def test_that_an_identity_of_another_image_is_not_taken(
    decoded: Decoded, identity: ImageIdentity
) -> None:
    with pytest.raises(ValueError, match=r"SOP instances|no frame"):
        decoded.named(identity)
