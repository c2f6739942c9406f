"""What a user may set, where it is kept, and where RadSal keeps its data.

Enters: a JSON file. Leaves: a frozen :class:`~radsal.settings.declaration.Settings` that is handed
to whoever needs it; there is no global one. Why it exists: a setting is declared once, with its
type, default and meaning, and a settings file can break without taking the program with it.
"""

from radsal.settings.declaration import Settings, WindowPreset
from radsal.settings.file import SettingsError, load, save
from radsal.settings.folders import Folders, folders

__all__ = ["Folders", "Settings", "SettingsError", "WindowPreset", "folders", "load", "save"]
