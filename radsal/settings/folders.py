"""Where RadSal keeps its files on this machine, or in one portable folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

APP_NAME = "RadSal"
HOME_VARIABLE = "RADSAL_HOME"


@dataclass(frozen=True, slots=True)
class Folders:
    """``config`` holds the settings, ``data`` the store, ``models`` the installed models.

    What lies in ``cache`` may be deleted at any time.
    """

    config: Path
    data: Path
    models: Path
    cache: Path

    @property
    def settings_file(self) -> Path:
        """The JSON file of the settings."""
        return self.config / "settings.json"

    @property
    def folder_index(self) -> Path:
        """The index of folders that were opened: radsal.storage.index."""
        return self.cache / "folders.db"

    @property
    def maps(self) -> Path:
        """The maps that were computed: radsal.storage.map_cache."""
        return self.cache / "maps"


def folders() -> Folders:
    """The user's own folders, or those below ``RADSAL_HOME`` where that variable is set.

    They need not exist.
    """
    home = os.environ.get(HOME_VARIABLE)
    if home:
        root = Path(home).expanduser().absolute()
        return Folders(root / "config", root / "data", root / "models", root / "cache")
    places = PlatformDirs(APP_NAME, appauthor=False)
    data = places.user_data_path
    return Folders(places.user_config_path, data, data / "models", places.user_cache_path)
