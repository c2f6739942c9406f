"""How films are named in the list of cases."""

from dataclasses import replace
from pathlib import Path

import pytest

from radsal.app.widgets.words import exam, patient
from radsal.core.radiograph import ImageHeader

FILM = ImageHeader(
    path=Path("/films/scan of a film.png"),
    sop_instance_uid="2.25.1",
    sop_class_uid="",
    study_instance_uid="2.25.2",
    series_instance_uid="2.25.3",
    modality="",
    transfer_syntax="",
    photometric="MONOCHROME2",
    rows=4,
    columns=4,
    frames=1,
    bits_stored=8,
    lossy=False,
)


@pytest.mark.parametrize(
    ("media_type", "kind"), [("image/png", "PNG picture"), ("image/jpeg", "JPEG picture")]
)
def test_that_a_picture_is_named_by_its_file_and_its_kind(media_type: str, kind: str) -> None:
    picture = replace(FILM, media_type=media_type)
    assert (patient(picture), exam(picture)) == ("scan of a film.png", kind)


def test_that_a_film_without_a_name_never_takes_that_of_its_file() -> None:
    assert patient(FILM) == "No name stated"
    assert patient(replace(FILM, patient_id="42")) == "42"
    assert patient(replace(FILM, patient_id="42", patient_name="Phantom^Anna^^")) == "Phantom^Anna"
