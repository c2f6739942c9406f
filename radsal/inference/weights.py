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
from radsal.inference.formats import (
    LEGACY,
    WHOLE_MODEL,
    refuse_foreign,
    refuse_no_archive,
    refuse_programs_in,
)
from radsal.inference.pickles import LARGEST_PICKLE, check_pickle

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "network", "module", "weights")
"""Keys under which training scripts put a state dict."""

MOST_TENSORS = 20_000
DEEPEST_WRAPPER = 4

State = dict[str, torch.Tensor]


def read_weights(path: Path, place: str | None = None) -> State:
    """The state dict in a weights file, on the CPU, names as stored (``module.`` removed).

    ``place`` is what refusals call the file; ``models/`` and its name where nothing is given.

    Raises
    ------
    ModelRefusal
        The file is damaged or too large, holds anything but dense tensors that lie in it from
        end to end, or is a program: TorchScript, ``.pt2``, a pickled model.
    """
    place = place or f"models/{path.name}"
    try:
        size = path.stat().st_size
        refuse_foreign(path, place)
    except OSError as error:
        refuse(place, f"cannot be read ({error.strerror})", "Check the file.", code="model-weights")
    if size > LARGEST_WEIGHTS:
        refuse(
            place,
            f"larger than {LARGEST_WEIGHTS} bytes",
            "Use a smaller network.",
            code="model-too-large",
        )
    safe = path.suffix == ".safetensors"
    state = _safetensors(path, place) if safe else _pickled(path, place)
    _check_tensors(state, place)
    return state


def _safetensors(path: Path, place: str) -> State:
    """Read the whole file first: a mapped file could change under the tensors.

    The library checks that the header's offsets cover the file without gap or overlap, and that
    each tensor's shape and type fill its part.
    """
    try:
        state: State = safetensors.torch.load(path.read_bytes())
    except (OSError, safetensors.SafetensorError, ValueError, KeyError) as error:
        refuse(place, f"is no sound safetensors file ({error})", LEGACY, code="model-weights")
    return state


def _pickled(path: Path, place: str) -> State:
    """``torch.load(weights_only=True)``, of a zip archive that does not swell when unpacked."""
    _check_archive(path, place)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (
        pickle.UnpicklingError, RuntimeError, OSError, ValueError, EOFError, KeyError, TypeError,
        AttributeError, IndexError, RecursionError, AssertionError,
    ) as error:  # fmt: skip
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        reason = f"does not load as plain weights ({first:.120})"
        refuse(place, reason, WHOLE_MODEL, code="model-code")
    return _state_dict(content, place)


def _check_archive(path: Path, place: str) -> None:
    if not zipfile.is_zipfile(path):
        refuse_no_archive(path, place)
    try:
        with zipfile.ZipFile(path) as archive:
            records = archive.infolist()
            _check_records(records, place)
            names = [name for name in archive.namelist() if name.split("/")[1:] == ["data.pkl"]]
            for name in names:
                with archive.open(name) as file:
                    check_pickle(file.read(LARGEST_PICKLE + 1), place)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        refuse(place, f"is damaged ({error})", LEGACY, code="model-weights")
    except RuntimeError as error:  # an encrypted record
        refuse(place, f"cannot be read ({error})", LEGACY, code="model-weights")
    if len(names) != 1:
        refuse(place, "is no archive of torch: it has no data.pkl", LEGACY, code="model-weights")


def _check_records(records: list[zipfile.ZipInfo], place: str) -> None:
    if len(records) > MOST_TENSORS:
        refuse(place, f"has more than {MOST_TENSORS} records", LEGACY, code="model-too-large")
    if sum(record.file_size for record in records) > LARGEST_WEIGHTS:
        reason = f"unpacks to more than {LARGEST_WEIGHTS} bytes"
        refuse(place, reason, "Use a smaller network.", code="model-too-large")
    if len({record.filename for record in records}) != len(records):
        refuse(place, "has two records of one name", LEGACY, code="model-weights")
    refuse_programs_in(records, place)


def _state_dict(content: object, place: str, depth: int = 0) -> State:
    """Unwrap ``{"state_dict": {…}}`` and the prefix of DataParallel."""
    if depth > DEEPEST_WRAPPER:
        refuse(place, "wraps its state dict too often", WHOLE_MODEL, code="model-weights")
    if isinstance(content, Mapping):
        for key in WRAPPERS:
            if isinstance(content.get(key), Mapping):
                return _state_dict(content[key], place, depth + 1)
    if not isinstance(content, Mapping) or not all(
        isinstance(k, str) and isinstance(v, torch.Tensor) for k, v in content.items()
    ):
        refuse(place, "holds something else than named tensors", WHOLE_MODEL, code="model-weights")
    prefixed = bool(content) and all(name.startswith("module.") for name in content)
    return {name.removeprefix("module.") if prefixed else name: t for name, t in content.items()}


def _check_tensors(state: State, place: str) -> None:
    """Dense tensors on the CPU, each with all of its values in the file."""
    if len(state) > MOST_TENSORS:
        refuse(place, f"has more than {MOST_TENSORS} tensors", LEGACY, code="model-too-large")
    remedy = "Save dense tensors: {name: tensor.contiguous().clone()}."
    total = 0
    for name, tensor in state.items():
        if (odd := _oddity(tensor)) is not None:
            refuse(f"{place}: {name:.200}", odd, remedy, code="model-weights")
        total += tensor.numel() * tensor.element_size()
        if total > LARGEST_WEIGHTS:
            reason = f"its tensors have more than {LARGEST_WEIGHTS} bytes"
            refuse(place, reason, "Use a smaller network.", code="model-too-large")


def _oddity(tensor: torch.Tensor) -> str | None:
    """What is wrong with a tensor, or None."""
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter):
        return f"is a {type(tensor).__name__}, no plain tensor"
    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_nested:
        return "is sparse, quantized or nested"
    if tensor.device.type != "cpu":
        return f"has no values in the file (it lies on {tensor.device.type})"
    there = tensor.untyped_storage().nbytes() - tensor.storage_offset() * tensor.element_size()
    if tensor.numel() * tensor.element_size() > there:
        return f"claims {tuple(tensor.shape)} with {there} bytes in the file (an expanded tensor)"
    return None
