"""The settings file: read with care, written whole or not at all."""

import json
import os
import tempfile
from itertools import chain, count
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from radsal.core.errors import KnownError
from radsal.settings.declaration import VERSION, Settings
from radsal.settings.folders import folders


class SettingsError(KnownError):
    """The settings file cannot be used.

    Attributes
    ----------
    kept_aside:
        Where the broken file was moved to, so that nothing of it is lost; None where it stays.
    """

    default_code = "settings"

    def __init__(
        self,
        reason: str,
        *,
        code: str | None = None,
        remedy: str = "",
        kept_aside: Path | None = None,
    ) -> None:
        super().__init__(reason, code=code, remedy=remedy)
        self.kept_aside = kept_aside


def load(path: Path | None = None) -> Settings:
    """Settings of a file; the defaults where there is none yet.

    Raises
    ------
    SettingsError
        ``settings-newer``: a newer RadSal wrote the file, which is left as it is.
        ``settings-broken``: it was moved aside, see ``kept_aside``; loading again gives the
        defaults.
        ``settings-unreadable``: the operating system does not let us read it.
    """
    path = path or folders().settings_file
    try:
        text = path.read_bytes().decode("utf-8-sig")  # editors on Windows may put a mark first
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise _put_aside(path, "it is no text") from error
    except OSError as error:
        raise SettingsError(
            f"The settings cannot be read ({error.strerror}).",
            code="settings-unreadable",
            remedy="Check the permissions of the settings file.",
        ) from error
    return _parse(path, text)


def save(settings: Settings, path: Path | None = None) -> None:
    """Write what differs from the defaults; the old file stands until the new one is complete.

    Raises
    ------
    SettingsError
        The file cannot be written (``settings-unwritable``).
    """
    path = path or folders().settings_file
    values = settings.model_dump(mode="json")
    defaults = Settings().model_dump(mode="json")
    chosen = {name: value for name, value in values.items() if value != defaults[name]}
    document = {"version": VERSION, **chosen}
    try:
        _write(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise SettingsError(
            f"The settings cannot be saved ({error.strerror}).",
            code="settings-unwritable",
            remedy="Check the permissions of the settings folder and the space on the disk.",
        ) from error


def _parse(path: Path, text: str) -> Settings:
    try:
        document: Any = json.loads(text)
        version = document.get("version") if isinstance(document, dict) else None
        if isinstance(version, int) and version > VERSION:
            raise SettingsError(
                f"A newer version of RadSal wrote the settings (version {version}).",
                code="settings-newer",
                remedy="Install the newer version, or set RADSAL_HOME to another folder.",
            )
        return Settings.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _put_aside(path, f"{where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise _put_aside(path, "it is no JSON") from error


def _put_aside(path: Path, why: str) -> SettingsError:
    aside: Path | None
    try:
        aside = path.replace(_free_place(path))
    except OSError:
        aside = None
    return SettingsError(
        f"The settings file is broken ({why}).",
        code="settings-broken",
        remedy=f"The defaults are used. Your file is kept as {(aside or path).name}.",
        kept_aside=aside,
    )


def _free_place(path: Path) -> Path:
    """A name beside the file that no earlier broken one has."""
    names = chain([f"{path.name}.broken"], (f"{path.name}.broken-{n}" for n in count(2)))
    return next(place for place in map(path.with_name, names) if not place.exists())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
