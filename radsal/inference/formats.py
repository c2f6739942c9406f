"""Formats of models that are not read, told apart by their first bytes and names, with the way out.

Each of them is a program, or needs one to be read. RadSal never tries: it names the format and
says how its weights become a safetensors file on a computer where the file is trusted.
"""

import zipfile
from pathlib import Path
from typing import NoReturn

from radsal.inference.documents import refuse

SAVE = "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"

WHOLE_MODEL = (
    "On a computer where you trust the file, save its state dict: "
    f"model = torch.load(FILE, weights_only=False); {SAVE}. Then import model.safetensors."
)
LEGACY = (
    "Save the state dict anew: state = torch.load(FILE, weights_only=True); "
    "safetensors.torch.save_file(state, 'model.safetensors'). Then import model.safetensors."
)
EXPORTED = (
    "On a computer where you trust the file, save its state dict: "
    "program = torch.export.load(FILE); "
    "safetensors.torch.save_file(dict(program.state_dict), 'model.safetensors'). "
    "Then import model.safetensors with the network that it was exported from."
)
SCRIPT = (
    "On a computer where you trust the file, save its state dict: "
    "model = torch.jit.load(FILE, map_location='cpu'); "
    f"{SAVE}. Where the network is none of MONAI's, put the file as models/model.ts into a bundle, "
    "import that and trust its SHA-256: radsal models trust SHA256."
)
ELSEWHERE = (
    "Save the state dict where the model was trained in PyTorch "
    f"({SAVE}), or train one of MONAI's classifiers. RadSal reads PyTorch weights only."
)

_MAGIC = (
    (b"\x89HDF", "is an HDF5 file, as Keras and TensorFlow write them"),
    (b"GGUF", "is a GGUF file"),
    (b"\x1f\x8b", "is a gzip archive"),
    (b"7z\xbc\xaf", "is a 7-Zip archive"),
    (b"Rar!", "is a RAR archive"),
    (b"\x7fELF", "is a program"),
    (b"MZ", "is a program"),
)
_NAMES = {
    ".onnx": "is an ONNX model",
    ".pb": "is a TensorFlow graph",
    ".h5": "is a Keras model",
    ".hdf5": "is a Keras model",
    ".keras": "is a Keras model",
    ".tflite": "is a TensorFlow Lite model",
    ".mlmodel": "is a Core ML model",
    ".engine": "is a TensorRT engine",
    ".trt": "is a TensorRT engine",
}


def refuse_foreign(path: Path, place: str) -> None:
    """Refuse by name what is another program's model."""
    with path.open("rb") as file:
        head = file.read(512)
    told = _NAMES.get(path.suffix.lower())
    told = told or next((text for magic, text in _MAGIC if head.startswith(magic)), None)
    if head[4:8] == b"TFL3":
        told = "is a TensorFlow Lite model"
    if told is not None:
        refuse(place, told, ELSEWHERE, code="model-format")
    if head[257:262] == b"ustar":
        refuse(place, "is a tar archive", "Pack the bundle as a .zip.", code="model-format")


def refuse_no_archive(path: Path, place: str) -> NoReturn:
    """Refuse a ``.pt`` that is no ZIP archive: a pickle of before torch 1.6, or no weights."""
    with path.open("rb") as file:
        head = file.read(2)
    if head[:1] in (b"\x80", b"(", b"c"):  # PROTO, MARK, GLOBAL: how pickles begin
        reason = "is a pickle in the format of before torch 1.6, which is code"
        refuse(place, reason, f"{LEGACY} A whole model instead: {WHOLE_MODEL}", code="model-format")
    refuse(place, "is not in torch's zip format", LEGACY, code="model-weights")


def refuse_programs_in(records: list[zipfile.ZipInfo], place: str) -> None:
    """Refuse TorchScript and exported programs, which are code in the same kind of archive."""
    names = [record.filename for record in records]
    tails = {name.rpartition("/")[2] for name in names}
    if "serialized_exported_program.json" in tails or "archive_format" in tails:
        refuse(place, "is an exported program (.pt2), which is code", EXPORTED, code="model-code")
    if "constants.pkl" in tails or any("code" in name.split("/")[:-1] for name in names):
        refuse(place, "is TorchScript, which is code", SCRIPT, code="model-code")
    if "config.json" in tails and "model.weights.h5" in tails:
        refuse(place, "is a Keras model", ELSEWHERE, code="model-format")
