import errno
import os
import re

import pytest

from radsal.core.errors import ExportError
from radsal.exports import report_name, write_whole


def test_that_the_old_file_stands_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "deeper" / "r.pdf"
    write_whole(path, lambda file: file.write(b"old"))

    def write(file):
        file.write(b"new and longer")
        file.flush()
        assert path.read_bytes() == b"old"

    write_whole(path, write)
    assert path.read_bytes() == b"new and longer"
    assert [p.name for p in path.parent.iterdir()] == ["r.pdf"]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), ExportError),
        (ZeroDivisionError(), ZeroDivisionError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_that_a_failure_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, fault, raised):
    path = tmp_path / "r.pdf"
    path.write_bytes(b"old")

    def write(file):
        file.write(b"half")
        raise fault

    with pytest.raises(raised):
        write_whole(path, write)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.pdf"]


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EACCES, "may write"),
        (errno.EROFS, "may write"),
        (errno.EIO, "another folder"),
    ],
)
def test_that_a_disk_that_refuses_is_said_in_a_sentence_with_a_remedy(tmp_path, number, remedy):
    def write(file):
        raise OSError(number, os.strerror(number), str(tmp_path))

    with pytest.raises(ExportError) as refused:
        write_whole(tmp_path / "r.pdf", write)
    assert os.strerror(number) in refused.value.reason
    assert remedy in refused.value.remedy
    assert str(tmp_path) not in refused.value.reason


def test_that_a_report_does_not_replace_a_folder(report, tmp_path):
    (tmp_path / "r.pdf").mkdir()
    with pytest.raises(ExportError):
        report.write(tmp_path / "r.pdf")
    assert [p.name for p in tmp_path.iterdir()] == ["r.pdf"]
    assert (tmp_path / "r.pdf").is_dir()


def test_that_a_file_where_a_folder_should_be_is_an_export_error(report, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportError):
        report.write(tmp_path / "out" / "r.pdf")
    assert (tmp_path / "out").read_text() == "a file"


def test_that_the_name_of_a_report_is_made_of_state_and_id_alone(report):
    name = report_name(report.read, ".pdf")
    assert re.fullmatch(r"radsal-read-[0-9a-f]{12}-draft\.pdf", name)
    assert report.read.id.startswith(name.split("-")[2])
