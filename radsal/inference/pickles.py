"""Look through a pickle without running it, for the classes and functions that it names.

``torch.load(weights_only=True)`` refuses unknown names by itself. Looking first gives a reason that
names the thing, and a list that is shorter than torch's: no ``bytearray`` of a terabyte, no
sparse, quantized or meta tensors, nothing that a plain state dict does not need.
"""

import pickletools

from radsal.inference.documents import refuse
from radsal.inference.formats import WHOLE_MODEL

LARGEST_PICKLE = 16 << 20
"""Bytes of ``data.pkl``, which holds names, shapes and no weights; ResNet152 has 120,000."""

_STORAGES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool")
_DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
)  # fmt: skip
PLAIN = frozenset(
    {
        "collections OrderedDict",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        "torch Size",
        "torch device",
        *(f"torch {name}Storage" for name in _STORAGES),
        *(f"torch {name}" for name in _DTYPES),
    }
)
"""What the pickle of a state dict may name."""

_KINDS = {
    "_rebuild_sparse_tensor": "a sparse tensor",
    "_rebuild_sparse_csr_tensor": "a sparse tensor",
    "_rebuild_qtensor": "a quantized tensor",
    "_rebuild_meta_tensor_no_storage": "a tensor without values (meta)",
    "_rebuild_nested_tensor": "a nested tensor",
    "_rebuild_from_type_v2": "a tensor of a class of its own",
    "_rebuild_wrapper_subclass": "a tensor of a class of its own",
    "_rebuild_tensor_v3": "a tensor of an unusual type",
}
_INDIRECT = frozenset({"STACK_GLOBAL", "INST", "OBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"})
_DENSE = "Save a plain state dict of dense tensors: safetensors.torch.save_file(state, …)."


def check_pickle(content: bytes, place: str) -> None:
    """Refuse a pickle that names anything but what dense tensors are made of."""
    if len(content) > LARGEST_PICKLE:
        refuse(
            place,
            f"its pickle has more than {LARGEST_PICKLE} bytes",
            _DENSE,
            code="model-too-large",
        )
    try:
        for operation, argument, _ in pickletools.genops(content):
            _check(operation.name, argument, place)
    except (ValueError, IndexError, UnicodeError, OverflowError) as error:
        refuse(place, f"its pickle is damaged ({error})", _DENSE, code="model-weights")


def _check(operation: str, argument: object, place: str) -> None:
    if operation in _INDIRECT:
        reason = f"its pickle names code in a way that state dicts do not need ({operation})"
        refuse(place, reason, WHOLE_MODEL, code="model-code")
    if operation != "GLOBAL" or argument in PLAIN:
        return
    module, _, name = str(argument).partition(" ")
    if module in {"torch._utils", "torch._tensor"}:
        kind = _KINDS.get(name, "a tensor of an unusual kind")
        refuse(place, f"holds {kind}", _DENSE, code="model-weights")
    if module == "torch" and name.endswith("Storage"):
        kind = name.removesuffix("Storage")
        refuse(place, f"holds a tensor of type {kind}", _DENSE, code="model-weights")
    refuse(
        place,
        f"does not load as plain weights: it names {module}.{name}, which is code "
        "(a whole model, an optimizer or worse)",
        WHOLE_MODEL,
        code="model-code",
    )
