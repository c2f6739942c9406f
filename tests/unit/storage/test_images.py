import os
from dataclasses import replace
from pathlib import Path

import pytest

from radsal.core.errors import IdentityMismatch, StoreError
from radsal.core.identity import ImageIdentity


def test_that_an_image_header_comes_back_as_it_was_saved(empty_store, world):
    empty_store.save_image(world.header, world.image)
    assert empty_store.image(world.image) == world.header


def test_that_a_header_with_every_optional_attribute_absent_comes_back(empty_store, world):
    bare = replace(world.header, orientation=None, instance_number=None, patient_name="")
    empty_store.save_image(bare, world.image)
    assert empty_store.image(world.image) == bare


def test_that_the_header_of_a_picture_comes_back(empty_store, world):
    nothing = dict.fromkeys(("transfer_syntax", "sop_class_uid", "modality", "patient_id"), "")
    picture = replace(world.header, media_type="image/png", orientation=None, **nothing)
    empty_store.save_image(picture, world.image)
    assert empty_store.image(world.image) == picture


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode on Windows")
def test_that_a_file_name_that_is_no_unicode_comes_back(empty_store, world):
    odd = replace(world.header, path=Path(os.fsdecode(b"/films/caf\xe9.dcm")))
    empty_store.save_image(odd, world.image)
    assert empty_store.image(world.image) == odd


def test_that_the_newest_place_of_an_image_counts(empty_store, world):
    moved = replace(world.header, path=Path("/elsewhere/1.dcm"))
    empty_store.save_image(world.header, world.image)
    empty_store.save_image(moved, world.image)
    assert empty_store.image(world.image) == moved


def test_that_the_same_uid_with_other_pixels_is_another_image(empty_store, world):
    empty_store.save_image(world.header, world.image)
    retouched = ImageIdentity(world.image.sop_instance_uid, 1, "e" * 64)
    assert empty_store.image(retouched) is None


def test_that_a_header_of_another_image_is_refused(empty_store, world, other_world):
    with pytest.raises(IdentityMismatch):
        empty_store.save_image(other_world.header, world.image)
    assert empty_store.image(world.image) is None


def test_that_a_judged_image_cannot_move_to_another_exam(store, world):
    store.save_read(world.begin().judge(world.verdict()))
    with pytest.raises(StoreError):
        store.save_image(replace(world.header, study_instance_uid="2.25.9"), world.image)
    assert store.image(world.image) == world.header


def test_that_the_images_of_an_exam_are_listed_in_reading_order(empty_store, world, other_world):
    second = replace(other_world.header, study_instance_uid=world.header.study_instance_uid)
    empty_store.save_image(second, other_world.image)
    empty_store.save_image(world.header, world.image)
    found = empty_store.images(world.header.study_instance_uid)
    assert list(found.items()) == [(world.image, world.header), (other_world.image, second)]
