"""Weights as tensors and nothing else: safetensors, or a state dict by ``weights_only`` loading.

A refused file is never tried again in a less safe way.
"""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch

from radsal.inference.content import LARGEST_WEIGHTS
from radsal.inference.documents import refuse

WRAPPERS = ("state_dict", "model", "net")
"""Keys under which training scripts put a state dict."""

_CONVERT = (
    "Load it where you trust it and save its state dict: "
    "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')."
)

State = dict[str, torch.Tensor]


def read_weights(path: Path) -> State:
    """The state dict in a weights file, on the CPU, names as stored (``module.`` removed).

    Raises
    ------
    ModelRefusal
        The file is damaged, holds anything but tensors, or is TorchScript or a pickled model.
    """
    place = f"models/{path.name}"
    return _safetensors(path, place) if path.suffix == ".safetensors" else _pickled(path, place)


def _safetensors(path: Path, place: str) -> State:
    """Read the whole file first: a mapped file could change under the tensors."""
    try:
        state: State = safetensors.torch.load(path.read_bytes())
    except (OSError, safetensors.SafetensorError, ValueError, KeyError) as error:
        refuse(place, f"is no sound safetensors file ({error})", _CONVERT, code="model-weights")
    return state


def _pickled(path: Path, place: str) -> State:
    """``torch.load(weights_only=True)``, of a zip archive that does not swell when unpacked."""
    _check_archive(path, place)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, ValueError, EOFError, KeyError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        refuse(place, f"does not load as plain weights ({first:.120})", _CONVERT, code="model-code")
    return _state_dict(content, place)


def _check_archive(path: Path, place: str) -> None:
    if not zipfile.is_zipfile(path):
        refuse(place, "is not in torch's zip format", _CONVERT, code="model-weights")
    try:
        with zipfile.ZipFile(path) as archive:
            records = archive.infolist()
    except zipfile.BadZipFile as error:
        refuse(place, f"is damaged ({error})", _CONVERT, code="model-weights")
    if sum(record.file_size for record in records) > LARGEST_WEIGHTS:
        refuse(
            place, f"unpacks to more than {LARGEST_WEIGHTS} bytes", _CONVERT, code="model-too-large"
        )
    if any("/code/" in r.filename or r.filename.endswith("constants.pkl") for r in records):
        refuse(place, "is TorchScript, which is code", _CONVERT, code="model-code")


def _state_dict(content: object, place: str) -> State:
    """Unwrap ``{"state_dict": {…}}`` and the prefix of DataParallel."""
    if isinstance(content, Mapping):
        for key in WRAPPERS:
            if isinstance(content.get(key), Mapping):
                return _state_dict(content[key], place)
    if not isinstance(content, Mapping) or not all(
        isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in content.items()
    ):
        refuse(place, "holds something else than named tensors", _CONVERT, code="model-weights")
    prefixed = bool(content) and all(name.startswith("module.") for name in content)
    return {name.removeprefix("module.") if prefixed else name: t for name, t in content.items()}
