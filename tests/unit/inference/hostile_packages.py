"""Packages that want something from whoever opens them. Each writes a canary where it succeeds."""

import io
import json
import os
import pickle
import stat
import struct
import subprocess
import sys
import tarfile
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from monai.networks.nets import DenseNet
from torch import nn

from radsal.inference.records import write_record

NETWORK = {
    "_target_": "DenseNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 2,
    "init_features": 8,
    "growth_rate": 4,
    "block_config": [2, 2],
}
INFERENCE = {
    "network_def": NETWORK,
    "preprocessing": {
        "_target_": "Compose",
        "transforms": [
            {"_target_": "ScaleIntensity", "minv": 0.0, "maxv": 1.0},
            {"_target_": "Resize", "spatial_size": [64, 48], "mode": "bilinear"},
        ],
    },
    "postprocessing": {"_target_": "Activations", "sigmoid": True},
}
METADATA = {
    "version": "1",
    "name": "hostile",
    "network_data_format": {"outputs": {"pred": {"channel_def": {"0": "Opacity", "1": "Mass"}}}},
    "radsal": {"operating_points": {"Opacity": 0.4}, "intended": {"modality": ["DX"]}},
}
WEIGHTS = ("--network", "DenseNet121", "--labels", "a,b", "--scale", "0,1")
STATE = DenseNet(2, 1, 2, init_features=8, growth_rate=4, block_config=(2, 2)).state_dict()
LAST = "class_layers.out.bias"

Build = Callable[[Path, Path], Path]
"""Given an empty folder and the canary's path, the source to import."""

CASES: dict[str, Build] = {}


class Payload:
    """Runs a command of the shell when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"echo it ran > {self.canary}",)


class Evaluated(Payload):
    """Runs Python when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (f"open({str(self.canary)!r}, 'w').write('it ran')",)


class Rebuilt:
    """A tensor with whatever arguments one wants."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


def case(name: str) -> Callable[[Build], Build]:
    def add(build: Build) -> Build:
        assert name not in CASES
        CASES[name] = build
        return build

    return add


def bundle(
    folder: Path, meta: Any = METADATA, config: Any = INFERENCE, state: Any = None, pt: Any = None
) -> Path:
    """A sound bundle but for what is given."""
    for part in ("configs", "models", "docs"):
        (folder / part).mkdir(parents=True)
    for name, document in (("metadata", meta), ("inference", config)):
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        (folder / f"configs/{name}.json").write_bytes(raw)
    (folder / "docs/README.md").write_text("# Card\n")
    if pt is not None:
        torch.save(pt, folder / "models/model.pt")
    else:
        state = STATE if state is None else state
        safetensors.torch.save_file(dict(state), folder / "models/model.safetensors")
    return folder


def with_state(**changes: Any) -> dict[str, Any]:
    return {**STATE, **changes}


# --- pickles in every slot -----------------------------------------------------------------------

PICKLED: dict[str, Callable[[Path], Any]] = {
    "the file": Payload,
    "the file, with eval": Evaluated,
    "a value of the state dict": lambda c: with_state(extra=Payload(c)),
    "in place of a tensor": lambda c: with_state(**{LAST: Evaluated(c)}),
    "beside the state dict": lambda c: {"state_dict": STATE, "optimizer": Payload(c)},
    "inside a wrapper": lambda c: {"state_dict": {"model": Payload(c)}},
    "a key": lambda c: {**STATE, Payload(c): 1},
    "a wrapper's key": lambda c: {"state_dict": STATE, Payload(c): 1},
    "a list of the epochs": lambda c: {"state_dict": STATE, "epochs": [1, [2, Payload(c)]]},
    "the metadata of the state dict": lambda c: _with_attribute(Payload(c)),
    "arguments of a tensor": lambda c: with_state(
        **{LAST: Rebuilt(torch._utils._rebuild_tensor_v2, Payload(c), 0, (2,), (1,), False, {})}
    ),
    "the state of a parameter": lambda c: with_state(
        **{LAST: Rebuilt(torch._utils._rebuild_parameter, STATE[LAST], Payload(c), OrderedDict())}
    ),
    "a tensor's own class": lambda c: with_state(
        **{LAST: Rebuilt(torch._tensor._rebuild_from_type_v2, eval, torch.Tensor, (), Payload(c))}
    ),
    "an object array of NumPy": lambda c: {"w": np.array([Payload(c)], dtype=object)},
    "a whole model": lambda c: nn.Sequential(nn.Linear(2, 2)),
}


def _with_attribute(payload: Payload) -> OrderedDict[str, Any]:
    state = OrderedDict(STATE)
    state._metadata = payload  # type: ignore[attr-defined]
    return state


def _pickled(build: Callable[[Path], Any]) -> Build:
    return lambda folder, canary: bundle(folder, pt=build(canary))


for _name, _build in PICKLED.items():
    case(f"a pickle as {_name}")(_pickled(_build))


def _raw(folder: Path, raw: bytes) -> Path:
    bundle(folder)
    (folder / "models/model.safetensors").unlink()
    (folder / "models/model.pt").write_bytes(raw)
    return folder


def _torch_zip(folder: Path, pickled: bytes, **more: bytes) -> Path:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("m/data.pkl", pickled)
        archive.writestr("m/version", b"3\n")
        archive.writestr("m/byteorder", b"little")
        for name, content in more.items():
            archive.writestr(f"m/{name}", content)
    return _raw(folder, raw.getvalue())


for _protocol in (0, 2, 4):
    case(f"a bare pickle of protocol {_protocol}")(
        lambda folder, canary, p=_protocol: _raw(folder, pickle.dumps(Payload(canary), p))
    )


@case("a pickle in torch's format of before 1.6")
def _(folder: Path, canary: Path) -> Path:
    raw = io.BytesIO()
    torch.save({"w": Payload(canary)}, raw, _use_new_zipfile_serialization=False)
    return _raw(folder, raw.getvalue())


@case("code named through the stack of a pickle")
def _(folder: Path, canary: Path) -> Path:
    return _torch_zip(folder, pickle.dumps(Payload(canary), 4))


@case("code named by INST")
def _(folder: Path, canary: Path) -> Path:
    return _torch_zip(folder, b"(S'echo x > " + str(canary).encode() + b"'\nios\nsystem\n.")


@case("a bytearray of a terabyte")
def _(folder: Path, canary: Path) -> Path:
    return _torch_zip(folder, b"\x80\x02cbuiltins\nbytearray\n\x8a\x06\0\0\0\0\0\1\x85R.")


@case("two pickles of one name in an archive")
def _(folder: Path, canary: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _torch_zip(folder, b"\x80\x02}.", **{"data.pkl": pickle.dumps(Payload(canary), 2)})


@case("a pickle under the name of safetensors")
def _(folder: Path, canary: Path) -> Path:
    bundle(folder)
    torch.save(Payload(canary), folder / "models/model.safetensors")
    return folder


for _slot in ("metadata", "inference"):
    case(f"a pickle as {_slot}.json")(
        lambda folder, canary, s=_slot: bundle(
            folder, **{"meta" if s == "metadata" else "config": pickle.dumps(Payload(canary), 0)}
        )
    )

# --- expressions and targets ---------------------------------------------------------------------


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    else:
        yield path


def _replaced(document: Any, path: tuple[Any, ...], by: Any) -> Any:
    whole = json.loads(json.dumps(document))
    node = whole
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = by
    return whole


def _expression(part: str, document: Any, path: tuple[Any, ...]) -> Build:
    def build(folder: Path, canary: Path) -> Path:
        code = f"$__import__('os').system('echo x > {canary}')"
        return bundle(folder, **{part: _replaced(document, path, code)})

    return build


for _part, _document in (("config", INFERENCE), ("meta", METADATA)):
    for _path in _leaves(_document):
        case(f"$ in {_part}: {'.'.join(map(str, _path))}")(_expression(_part, _document, _path))

_TARGETS = ("subprocess.call", "os.system", "builtins.eval", "monai.utils.module.load_submodules")
_PLACES: dict[str, tuple[Any, ...]] = {
    "the network": ("network_def",),
    "an argument": ("network_def", "act"),
    "a transform": ("preprocessing", "transforms", 0),
    "the postprocessing": ("postprocessing",),
    "a section of its own": ("initialize",),
}
for _target in _TARGETS:
    for _where, _path in _PLACES.items():
        case(f"_target_ {_target} as {_where}")(
            lambda folder, canary, t=_target, p=_path: bundle(
                folder, config=_replaced(INFERENCE, p, {"_target_": t, "args": [f"touch {canary}"]})
            )
        )

_ENTRIES: dict[str, tuple[tuple[Any, ...], Any]] = {
    "imports": (("imports",), ["$import os"]),
    "an import of a module": (("imports",), ["os"]),
    "_requires_": (("network_def", "_requires_"), ["$import os"]),
    "_mode_ debug": (("network_def", "_mode_"), "debug"),
    "a Lambda": (("preprocessing", "transforms", 0), {"_target_": "Lambda", "func": "eval"}),
    "a reference to code": (("network_def", "in_channels"), "@os::system"),
    "a macro of another file": (("network_def", "in_channels"), "%/etc/passwd::x"),
    "a download": (("network_def",), {**NETWORK, "_target_": "DenseNet121", "pretrained": True}),
    "a billion channels": (("network_def", "in_channels"), 10**9),
    "a network of a billion weights": (("network_def", "block_config"), [128] * 8),
    "a text of shell": (("preprocessing", "transforms", 1, "mode"), "`id`"),
}
for _name, (_path, _value) in _ENTRIES.items():
    case(f"{_name} in the configuration")(
        lambda folder, canary, p=_path, v=_value: bundle(folder, config=_replaced(INFERENCE, p, v))
    )

for _id in ("../../escape", "/etc/cron.d/x", "..", ".trusted.json", "a/b", "CON:"):
    case(f"the id {_id}")(
        lambda folder, canary, i=_id: bundle(
            folder, meta={**METADATA, "radsal": {**METADATA["radsal"], "id": i}}
        )
    )

for _name, _text in {
    "nested too deep": b"[" * 100_000,
    "longer than a megabyte": b'{"a": "' + b"x" * (1 << 20) + b'"}',
    "with a key twice": b'{"network_def": {}, "network_def": {}}',
    "with NaN": b'{"network_def": NaN}',
    "in UTF-16": json.dumps(INFERENCE).encode("utf-16"),
}.items():
    case(f"JSON {_name}")(lambda folder, canary, t=_text: bundle(folder, config=t))


@case("tags of Python in YAML")
def _(folder: Path, canary: Path) -> Path:
    bundle(folder)
    (folder / "configs/inference.json").unlink()
    text = f"network_def: !!python/object/apply:os.system ['echo x > {canary}']\n"
    (folder / "configs/inference.yaml").write_text(text)
    return folder


# --- weights -------------------------------------------------------------------------------------


def _header(folder: Path, header: Any, data: bytes = b"\0" * 8, length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    bundle(folder)
    size = struct.pack("<Q", len(text) if length is None else length)
    (folder / "models/model.safetensors").write_bytes(size + text + data)
    return folder


def _entry(shape: list[int], low: int, high: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [low, high]}


_HEADERS: dict[str, Any] = {
    "claims a terabyte": {LAST: _entry([1 << 38], 0, 8)},
    "points behind the file": {LAST: _entry([2], 1 << 40, (1 << 40) + 8)},
    "points backwards": {LAST: _entry([2], 8, 0)},
    "overlaps": {LAST: _entry([2], 0, 8), "other": _entry([2], 0, 8)},
    "has a negative shape": {LAST: _entry([-2], 0, 8)},
    "overflows": {LAST: _entry([1 << 62, 1 << 62], 0, 8)},
    "is a list": [1, 2, 3],
}
for _name, _content in _HEADERS.items():
    case(f"a header of safetensors that {_name}")(
        lambda folder, canary, c=_content: _header(folder, c)
    )
case("a header of safetensors longer than the file")(
    lambda folder, canary: _header(folder, {}, length=1 << 62)
)


def _tensor(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> Rebuilt:
    storage = torch.zeros(2)._typed_storage()
    arguments = (storage, offset, size, stride, False, OrderedDict())
    return Rebuilt(torch._utils._rebuild_tensor_v2, *arguments)


_TENSORS: dict[str, Callable[[], Any]] = {
    "expanded to terabytes": lambda: torch.zeros(1).expand(1 << 40),
    "expanded to the shape that fits": lambda: torch.zeros(1).expand(2),
    "that begins behind its storage": lambda: _tensor(1 << 40, (2,), (1,)),
    "that ends behind its storage": lambda: _tensor(0, (1 << 20,), (1,)),
    "with a negative stride": lambda: _tensor(1, (2,), (-1,)),
    "of a negative size": lambda: _tensor(0, (-2,), (1,)),
    "that is sparse": lambda: torch.zeros(2).to_sparse(),
    "that is quantized": lambda: torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8),
    "without values": lambda: torch.zeros(2, device="meta"),
    "that is nested": lambda: torch.nested.nested_tensor([torch.zeros(2)]),
    "that is complex": lambda: torch.zeros(2, dtype=torch.complex64),
    "of the wrong shape": lambda: torch.zeros(3),
    "of the wrong type": lambda: torch.zeros(2, dtype=torch.int64),
    "of NaN": lambda: torch.tensor([0.0, float("nan")]),
    "of infinity": lambda: torch.tensor([0.0, float("-inf")]),
}


def _made(make: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantized and nested tensors are on their way out
        return make()


for _name, _make in _TENSORS.items():
    case(f"a tensor {_name}")(
        lambda folder, canary, m=_make: bundle(folder, pt=with_state(**{LAST: _made(m)}))
    )
for _name in ("of the wrong shape", "of NaN"):
    case(f"in safetensors, a tensor {_name}")(
        lambda folder, canary, m=_TENSORS[_name]: bundle(folder, state=with_state(**{LAST: m()}))
    )
case("a tensor that no network has")(
    lambda folder, canary: bundle(folder, state=with_state(extra=torch.zeros(1)))
)
case("a tensor that is missing")(
    lambda folder, canary: bundle(folder, state={k: v for k, v in STATE.items() if k != LAST})
)


@case("a state dict in a hundred wrappers")
def _(folder: Path, canary: Path) -> Path:
    wrapped: Any = STATE
    for _ in range(100):
        wrapped = {"model": wrapped}
    return bundle(folder, pt=wrapped)


@case("a wrapper that holds itself")
def _(folder: Path, canary: Path) -> Path:
    wrapped: dict[str, Any] = {}
    wrapped["model"] = wrapped
    return bundle(folder, pt=wrapped)


@case("weights that are larger than allowed")
def _(folder: Path, canary: Path) -> Path:
    bundle(folder)
    os.truncate(folder / "models/model.safetensors", (2 << 30) + 1)
    return folder


@case("an archive of torch that swells")
def _(folder: Path, canary: Path) -> Path:
    _raw(folder, b"")
    path = folder / "models/model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps({}, 2))
        archive.writestr("m/data/0", b"x")
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)  # the size that the directory states
    path.write_bytes(raw)
    return folder


@case("one byte that was swapped after the import")
def _(folder: Path, canary: Path) -> Path:
    bundle(folder)
    write_record(folder, "x")
    path = folder / "models/model.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    return folder


# --- programs ------------------------------------------------------------------------------------

SCRIPT = """import sys, torch
class Writes(torch.nn.Module):
    def __init__(self, name: str):
        super().__init__()
        self.name = name
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((1, 2, 3)) + torch.from_file(self.name, True, 8, dtype=torch.uint8).sum()
torch.jit.script(Writes(sys.argv[2])).save(sys.argv[1])
"""


def _script(path: Path, canary: Path) -> Path:
    code = path.parent / "script.py"
    code.write_text(SCRIPT)
    arguments = [sys.executable, "-W", "ignore", str(code), str(path), str(canary)]
    subprocess.run(arguments, check=True, capture_output=True)
    code.unlink()
    return path


@case("TorchScript as model.pt")
def _(folder: Path, canary: Path) -> Path:
    bundle(folder)
    (folder / "models/model.safetensors").unlink()
    _script(folder / "models/model.pt", canary)
    return folder


@case("TorchScript as weights")
def _(folder: Path, canary: Path) -> Path:
    folder.mkdir()
    return _script(folder / "w.pt", canary)


@case("TorchScript without models/model.ts")
def _(folder: Path, canary: Path) -> Path:
    network = {"_target_": "TorchScript", "in_channels": 1, "out_channels": 2}
    return bundle(folder, config={**INFERENCE, "network_def": network})


@case("an exported program")
def _(folder: Path, canary: Path) -> Path:
    return _torch_zip(folder, b"\x80\x02}.", archive_format=b"pt2")


# --- archives and folders ------------------------------------------------------------------------


def _zip(folder: Path, change: Callable[[zipfile.ZipFile], object], **options: Any) -> Path:
    bundle(folder / "b")
    path = folder / "bundle.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", **options) as archive:
        warnings.simplefilter("ignore")
        for file in sorted((folder / "b").rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder / "b").as_posix())
        change(archive)
    return path


def _special(name: str, mode: int, content: str) -> Callable[[zipfile.ZipFile], object]:
    def add(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, mode << 16
        archive.writestr(info, content)

    return add


_NAMES = {
    "climbs out": "../canary",
    "climbs out of docs": "docs/../../../canary",
    "is absolute": "/tmp/radsal-canary",
    "has a drive": "C:/canary",
    "has backslashes": "..\\canary",
    "has a line feed": "docs/a\nb",
    "ends in a dot": "docs/canary.",
}
for _name, _member in _NAMES.items():
    case(f"a name in the archive that {_name}")(
        lambda folder, canary, m=_member: _zip(folder, lambda z: z.writestr(m, "x"))
    )
for _name, _mode in {
    "a link": stat.S_IFLNK | 0o777,
    "a device": stat.S_IFBLK | 0o600,
    "a pipe": stat.S_IFIFO | 0o600,
    "a socket": stat.S_IFSOCK | 0o600,
}.items():
    case(f"{_name} in the archive")(
        lambda folder, canary, m=_mode: _zip(folder, _special("docs/x", m, "/etc/passwd"))
    )
case("a name that stands in the archive twice")(
    lambda folder, canary: _zip(folder, lambda z: z.writestr("docs/README.md", "x"))
)
case("two names that differ in case only")(
    lambda folder, canary: _zip(folder, lambda z: z.writestr("docs/readme.MD", "x"))
)
case("a bomb in the archive")(
    lambda folder, canary: _zip(
        folder,
        lambda z: z.writestr("docs/bomb", b"\0" * ((64 << 20) + 1), zipfile.ZIP_DEFLATED),
    )
)
case("ten thousand files in the archive")(
    lambda folder, canary: _zip(
        folder, lambda z: [z.writestr(f"docs/{n}", "") for n in range(10_000)]
    )
)
case("an archive in a compression that is not read")(
    lambda folder, canary: _zip(folder, lambda z: None, compression=zipfile.ZIP_LZMA)
)
case("two bundles in an archive")(
    lambda folder, canary: _zip(folder, lambda z: z.writestr("b/configs/metadata.json", "{}"))
)


@case("an encrypted archive")
def _(folder: Path, canary: Path) -> Path:
    path = _zip(folder, lambda z: None)
    raw = bytearray(path.read_bytes())
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        raw[at + 8] |= 1
        at = raw.find(b"PK\x01\x02", at + 4)
    path.write_bytes(raw)
    return path


@case("an archive that is cut off")
def _(folder: Path, canary: Path) -> Path:
    path = _zip(folder, lambda z: None)
    path.write_bytes(path.read_bytes()[:-30])
    return path


@case("a hard link in a tar under the name of a ZIP")
def _(folder: Path, canary: Path) -> Path:
    folder.mkdir()
    with tarfile.open(folder / "bundle.zip", "w") as archive:
        info = tarfile.TarInfo("docs/x")
        info.type, info.linkname = tarfile.LNKTYPE, "/etc/passwd"
        archive.addfile(info)
    return folder / "bundle.zip"


@case("a payload inside an archive's weights")
def _(folder: Path, canary: Path) -> Path:
    raw = io.BytesIO()
    torch.save(Payload(canary), raw)

    def change(archive: zipfile.ZipFile) -> None:
        archive.writestr("models/model.pt", raw.getvalue())

    path = _zip(folder, change)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(folder / "new.zip", "w") as new:
        for name in old.namelist():
            if not name.endswith(".safetensors"):
                new.writestr(name, old.read(name))
    return folder / "new.zip"


if os.name != "nt":
    for _name, _link in (
        ("weights", "models/model.pt"),
        ("card", "docs/x.md"),
        ("folder", "docs/x"),
    ):

        @case(f"a link as {_name}")
        def _(folder: Path, canary: Path, link: str = _link) -> Path:
            bundle(folder)
            (folder / link).symlink_to("/etc" if link == "docs/x" else "/etc/passwd")
            return folder

    @case("a pipe in the folder")
    def _(folder: Path, canary: Path) -> Path:
        bundle(folder)
        os.mkfifo(folder / "docs/pipe")
        return folder


@case("more files than allowed")
def _(folder: Path, canary: Path) -> Path:
    bundle(folder)
    for number in range(513):
        (folder / f"docs/{number}").touch()
    return folder


# --- other formats -------------------------------------------------------------------------------

_FORMATS = {
    "model.onnx": b"\x08\x07",
    "model.h5": b"\x89HDF\r\n\x1a\n",
    "model.pt": b"\x89HDF\r\n\x1a\n",
    "model.tflite": b"\x1c\0\0\0TFL3",
    "model.pb": b"\n\0",
    "weights.bin": b"\x7fELF",
    "weights.pth": b"GGUF",
    "weights.ckpt": b"nothing that is known",
    "empty.pt": b"",
}
for _name, _head in _FORMATS.items():

    @case(f"{_name} of {len(_head)} bytes")
    def _(folder: Path, canary: Path, name: str = _name, head: bytes = _head) -> Path:
        folder.mkdir()
        (folder / name).write_bytes(head + b"\0" * 600 * bool(head))
        return folder / name


@case("a model of TensorFlow")
def _(folder: Path, canary: Path) -> Path:
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"\n")
    return folder


# --- what lies in a package and is never read ----------------------------------------------------

INERT: dict[str, Build] = {}


def _inert(name: str, path: str, text: str) -> None:
    def build(folder: Path, canary: Path) -> Path:
        bundle(folder)
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text.replace("CANARY", str(canary)))
        return folder

    INERT[name] = build


_inert(
    "logging.conf, which MONAI evaluates",
    "configs/logging.conf",
    "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n"
    "[handler_h]\nclass=FileHandler\nargs=(__import__('os').system('echo x > CANARY'),)\n",
)
_inert("a script", "scripts/__init__.py", "open('CANARY', 'w')")
_inert("a module beside the configuration", "configs/json.py", "open('CANARY', 'w')")
_inert("a hubconf", "hubconf.py", "open('CANARY', 'w')")
_inert(
    "a configuration of the training", "configs/train.json", "{\"run\": \"$open('CANARY', 'w')\"}"
)
_inert("a card with a script in it", "docs/README.md", "<script src='file://CANARY'></script>")
