"""Every setting, once: type, default, limits and meaning."""

import getpass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from radsal.core.colormaps import ColormapName
from radsal.core.rules import Scale, Sign
from radsal.settings.folders import folders

VERSION = 1

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _user_name() -> str:
    """Name of the operating system's user; never empty."""
    try:
        return getpass.getuser().strip() or "reader"
    except (OSError, KeyError, ImportError):
        return "reader"


class WindowPreset(BaseModel):
    """A named window, in units after the modality stage, on a key from 1 to 9."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    center: float = Field(allow_inf_nan=False)
    width: float = Field(ge=1, allow_inf_nan=False)


class Settings(BaseModel):
    """What a user may set. Frozen: a change gives another one, see :meth:`changed`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    version: Literal[1] = Field(default=1, description="Version of this declaration.")
    reader: Name = Field(
        default_factory=_user_name,
        description="Name under which verdicts are given and reads are signed.",
    )
    model: Name = Field(default="demo-opacity", description="Id of the model that is asked first.")
    method: Name = Field(default="gradcam", description="Saliency method that is used first.")
    device: Literal["auto", "cuda", "mps", "cpu"] = Field(
        default="auto",
        description="Where models run: auto takes CUDA, then Apple's MPS, then the CPU.",
    )
    colormap: ColormapName = Field(default="inferno", description="Colours of the heatmap.")
    heatmap_opacity: Share = Field(
        default=0.45, description="Opacity of the heatmap: 0 shows the image only, 1 hides it."
    )
    heatmap_threshold: Share = Field(
        default=0.25, description="The heatmap is drawn above this share of its scale."
    )
    heatmap_scale: Scale = Field(
        default=Scale.MAP,
        description="What the end of the colours stands for: map, shared (all findings of the "
        "image) or percentile (the 99th of the map).",
    )
    heatmap_sign: Sign = Field(
        default=Sign.POSITIVE,
        description="Which evidence is drawn: positive (for the finding), negative or both.",
    )
    theme: Literal["dark", "light"] = Field(default="dark", description="Look of the window.")
    store: Name = Field(
        default_factory=lambda: str(folders().data / "radsal.db"),
        description="File or database URL that holds the reads.",
    )
    models_folder: Path = Field(
        default_factory=lambda: folders().models, description="Folder of the installed models."
    )
    hot_spot_mass: float = Field(
        default=0.6,
        gt=0,
        lt=1,
        allow_inf_nan=False,
        description="Share of a map's positive mass that its hot spots hold together.",
    )
    map_cache_mib: int = Field(
        default=1024,
        ge=0,
        le=1 << 20,
        description="Room on the disk for maps that were computed, in MiB: the oldest give way. "
        "0 keeps none.",
    )
    window_presets: tuple[WindowPreset, ...] = Field(
        default=(),
        max_length=9,
        description="Windows on the keys 1 to 9, after those that the file itself brings.",
    )

    def changed(self, **changes: object) -> "Settings":
        """These settings with some values replaced, validated.

        Raises
        ------
        pydantic.ValidationError
            A value is not allowed, or there is no such setting.
        """
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**values, **changes})
