import pytest
from pydantic import ValidationError

from radsal.settings import Settings, WindowPreset
from radsal.settings.declaration import VERSION


def test_that_every_setting_says_what_it_means():
    fields = Settings.model_fields
    assert [name for name, field in fields.items() if not field.description] == []
    assert fields["version"].default == VERSION


def test_that_the_defaults_are_settings_too(home):
    settings = Settings()
    assert Settings.model_validate(settings.model_dump()) == settings
    assert settings.reader.strip()
    assert settings.models_folder == home / "models"
    assert settings.store == str(home / "data" / "radsal.db")


def test_that_a_user_whom_the_system_cannot_name_is_still_a_reader(monkeypatch):
    def unknown():
        raise OSError("no username set in the environment")

    monkeypatch.setattr("getpass.getuser", unknown)
    assert Settings().reader == "reader"


@pytest.mark.parametrize(
    "change",
    [
        {"reader": "  "},
        {"reader": "x" * 201},
        {"heatmap_opacity": 1.01},
        {"heatmap_threshold": float("nan")},
        {"hot_spot_mass": 0},
        {"hot_spot_mass": 1},
        {"colormap": "jet"},
        {"theme": "pink"},
        {"version": 2},
        {"window_presets": [{"name": "w", "center": 0, "width": 0.5}]},
        {"window_presets": [{"name": "w", "center": 0, "width": 5}] * 10},
        {"colour": "red"},
    ],
)
def test_that_a_value_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValidationError) as refused:
        Settings().changed(**change)
    assert refused.value.errors()[0]["loc"][0] == next(iter(change))


def test_that_a_change_gives_other_settings_and_leaves_the_old_ones():
    old = Settings(reader="Dr. Weiß")
    new = old.changed(theme="light", window_presets=[WindowPreset(name="bone", center=1, width=2)])
    assert (new.theme, new.reader) == ("light", "Dr. Weiß")
    assert old.theme == "dark"
    with pytest.raises(ValidationError):
        old.theme = "light"
