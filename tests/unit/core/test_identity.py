import pytest

from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.progress import Progress

NO_HASHES = ["", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", " " + "a" * 63]


@pytest.mark.parametrize("sha", NO_HASHES)
def test_that_an_identity_needs_a_whole_hash(sha):
    with pytest.raises(ValueError, match="SHA-256"):
        ImageIdentity("2.25.1", 1, sha)
    with pytest.raises(ValueError, match="SHA-256"):
        ModelIdentity("demo", sha)


def test_that_an_identity_needs_a_name_and_a_frame():
    with pytest.raises(ValueError, match="UID"):
        ImageIdentity("", 1, "a" * 64)
    with pytest.raises(ValueError, match="counted from 1"):
        ImageIdentity("2.25.1", 0, "a" * 64)
    with pytest.raises(ValueError, match="id"):
        ModelIdentity("", "a" * 64)


@pytest.mark.parametrize("other", [("2.25.2", 1, "a"), ("2.25.1", 2, "a"), ("2.25.1", 1, "b")])
def test_that_images_are_the_same_only_where_uid_frame_and_pixels_are(other):
    uid, frame, digit = other
    one = ImageIdentity("2.25.1", 1, "a" * 64)
    assert one != ImageIdentity(uid, frame, digit * 64)
    assert one == ImageIdentity("2.25.1", 1, "a" * 64)


@pytest.mark.parametrize("numbers", [(-1, 3), (1, -1), (4, 3)])
def test_that_impossible_progress_is_refused(numbers):
    with pytest.raises(ValueError, match="impossible"):
        Progress(*numbers)


def test_that_progress_of_unknown_work_has_no_fraction():
    assert Progress(7, 0).fraction is None
    assert Progress(1, 4).fraction == 0.25
