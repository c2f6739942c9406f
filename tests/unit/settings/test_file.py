import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from radsal import settings
from radsal.settings import Settings, SettingsError, WindowPreset


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(raw)


CHOSEN = {
    "reader": "Dr. Weiß 山",
    "heatmap_opacity": 0.1,
    "heatmap_scale": "shared",
    "heatmap_sign": "both",
    "models_folder": Path("somewhere"),
    "window_presets": (WindowPreset(name="bone", center=-3.5, width=1e3),),
}


def test_that_without_a_file_the_defaults_hold_and_none_is_written(file):
    assert settings.load(file) == Settings()
    assert not file.parent.exists()


def test_that_settings_come_back_as_they_were_saved(file):
    chosen = Settings().changed(**CHOSEN)
    settings.save(chosen, file)
    assert settings.load(file) == chosen
    assert [p.name for p in file.parent.iterdir()] == ["settings.json"]


def test_that_the_file_holds_what_was_chosen_and_a_later_default_reaches_the_rest(file):
    settings.save(Settings().changed(theme="light"), file)
    assert json.loads(file.read_text("utf-8")) == {"version": 1, "theme": "light"}


def test_that_a_file_with_a_byte_order_mark_is_read(file):
    write(file, b'\xef\xbb\xbf{"version": 1, "theme": "light"}')
    assert settings.load(file).theme == "light"


BROKEN = {
    "half a document": b'{"version": 1, "reader": "Dr.',
    "nothing": b"",
    "no text": b"\xff\xfe\x00\x01",
    "a list": b"[]",
    "nested too deep": b"[" * 100_000,
    "a number of too many digits": b"9" * 5000,
    "an unknown key": b'{"version": 1, "readre": "Dr. Weiss"}',
    "a wrong value": b'{"heatmap_opacity": 7}',
    "a version that is no number": b'{"version": "new"}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_that_a_broken_file_is_kept_aside_and_the_defaults_hold_from_then_on(file, content):
    write(file, content)
    with pytest.raises(SettingsError) as broken:
        settings.load(file)
    assert broken.value.code == "settings-broken"
    assert broken.value.kept_aside.read_bytes() == content
    assert broken.value.kept_aside.name in broken.value.remedy
    assert settings.load(file) == Settings()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"readre": "x"}, "readre"),
        (
            {"window_presets": [{"name": "w", "center": "left", "width": 2}]},
            "window_presets.0.cent",
        ),
    ],
)
def test_that_the_setting_at_fault_is_named(file, content, name):
    write(file, content)
    with pytest.raises(SettingsError, match=name):
        settings.load(file)


def test_that_a_second_broken_file_does_not_replace_the_first(file):
    kept = []
    for content in (b"{one", b"{two", b"{three"):
        write(file, content)
        with pytest.raises(SettingsError) as broken:
            settings.load(file)
        kept.append(broken.value.kept_aside)
    assert [path.read_bytes() for path in kept] == [b"{one", b"{two", b"{three"]


def test_that_the_file_of_a_newer_version_is_left_as_it_is(file):
    write(file, {"version": 2, "reader": "Dr. Weiß", "something": "new"})
    before = file.read_bytes()
    for _ in range(2):
        with pytest.raises(SettingsError) as newer:
            settings.load(file)
        assert newer.value.code == "settings-newer"
    assert [p.name for p in file.parent.iterdir()] == ["settings.json"]
    assert file.read_bytes() == before


def test_that_a_folder_in_place_of_the_file_is_unreadable(file):
    file.mkdir(parents=True)
    with pytest.raises(SettingsError) as unreadable:
        settings.load(file)
    assert unreadable.value.code == "settings-unreadable"


def test_that_a_failed_save_leaves_the_old_file_and_nothing_else(file, monkeypatch):
    settings.save(Settings(reader="before"), file)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError) as refused:
        settings.save(Settings(reader="after"), file)
    assert refused.value.code == "settings-unwritable"
    assert "No space left" in refused.value.reason
    assert settings.load(file).reader == "before"
    assert [p.name for p in file.parent.iterdir()] == ["settings.json"]


def test_that_a_file_in_place_of_the_folder_is_unwritable(file):
    file.parent.write_text("a file")
    with pytest.raises(SettingsError) as refused:
        settings.save(Settings(), file)
    assert refused.value.code == "settings-unwritable"


def test_that_radsal_home_holds_everything(home):
    settings.save(Settings(reader="Dr. Weiß"))
    places = settings.folders()
    assert {places.config.parent, places.data.parent, places.models.parent} == {home}
    assert places.settings_file.is_file()
    assert settings.load().reader == "Dr. Weiß"


def test_that_radsal_home_may_be_relative_or_begin_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RADSAL_HOME", "here")
    assert settings.folders().data == tmp_path / "here" / "data"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("RADSAL_HOME", str(Path("~") / "there"))
    assert settings.folders().data == tmp_path / "there" / "data"


@pytest.mark.parametrize("value", ["", None])
def test_that_without_radsal_home_the_places_are_the_users_own(monkeypatch, value):
    monkeypatch.delenv("RADSAL_HOME")
    if value is not None:
        monkeypatch.setenv("RADSAL_HOME", value)
    places = settings.folders()
    for place in (places.config, places.data, places.models):
        assert place.is_absolute()
        assert "RadSal" in place.parts


def test_that_importing_the_settings_reads_and_writes_nothing(tmp_path):
    home = tmp_path / "untouched"
    subprocess.run(
        [sys.executable, "-c", "import radsal.settings"],
        check=True,
        env={**os.environ, "RADSAL_HOME": str(home)},
    )
    assert not home.exists()
