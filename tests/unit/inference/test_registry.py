"""Listing and finding packages."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from radsal.core.errors import ModelRefusal
from radsal.core.resources import resource_path
from radsal.inference.registry import default_roots, find_package, list_packages


def test_that_every_folder_is_either_listed_or_refused_by_name(
    write_package: Any, tmp_path: Path
) -> None:
    write_package()
    (tmp_path / "broken").mkdir()
    (tmp_path / ".hidden").mkdir()
    packages, refusals = list_packages([tmp_path, tmp_path / "absent"])
    assert [package.id for package in packages] == ["test-model"]
    assert [refusal.reason.split(":")[0] for refusal in refusals] == ["broken"]


def test_that_of_two_packages_with_one_id_the_earlier_root_wins(
    write_package: Any, tmp_path: Path
) -> None:
    first, second = write_package("a/one"), write_package("b/two")
    packages, refusals = list_packages([tmp_path / "b", tmp_path / "a"])
    assert [package.folder for package in packages] == [second]
    assert refusals[0].code == "model-twice"
    assert first.name in refusals[0].reason


def test_that_an_unknown_model_is_refused_with_the_names_of_those_there_are(
    write_package: Any, tmp_path: Path
) -> None:
    write_package()
    assert find_package("test-model", [tmp_path]).id == "test-model"
    with pytest.raises(ModelRefusal) as caught:
        find_package("other", [tmp_path])
    assert "test-model" in caught.value.remedy


def test_that_asking_for_a_refused_package_gives_its_own_refusal(
    write_package: Any, tmp_path: Path
) -> None:
    folder = write_package("crooked")
    (folder / "configs/inference.json").write_text(json.dumps({"imports": ["$import os"]}))
    with pytest.raises(ModelRefusal, match="imports") as caught:
        find_package("crooked", [tmp_path])
    assert caught.value.code == "model-code"


def test_that_the_shipped_models_come_before_the_users(tmp_path: Path) -> None:
    assert default_roots(tmp_path) == (resource_path("models"), tmp_path)
    assert default_roots() == (resource_path("models"),)


def test_that_every_shipped_package_passes_the_strict_reader() -> None:
    _, refusals = list_packages(default_roots())
    assert [refusal.reason for refusal in refusals] == []


def test_that_a_package_or_a_root_that_cannot_be_read_is_refused_by_name_and_the_others_are_listed(
    write_package: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package("sound/one")
    write_package("sound/two")
    locked = tmp_path / "locked"
    scandir, iterdir = os.scandir, Path.iterdir

    def scan(path: Path) -> Any:
        if "two" in Path(path).parts:
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    def inside(path: Path) -> Any:
        if path == locked:
            raise PermissionError(errno.EACCES, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(Path, "iterdir", inside)
    packages, refusals = list_packages([tmp_path / "sound", locked])
    assert [package.folder.name for package in packages] == ["one"]
    assert [refusal.reason.split(":")[0] for refusal in refusals] == ["two", "locked"]
    assert refusals[0].code == "model-unreadable"
