"""A model package: a folder in MONAI's bundle layout, read strictly and known by its SHA-256.

Layout::

    configs/metadata.json      labels, version, and the block "radsal"
    configs/inference.json     network_def, preprocessing, postprocessing (or inference.yaml)
    models/model.safetensors   weights (or models/model.pt: a plain state dict)
    docs/README.md             the model card, shown to the reader

The block ``radsal`` of the metadata::

    {"id": "demo-opacity", "operating_points": {"Opacity": 0.41},
     "intended": {"modality": ["DX", "CR"], "body_part": ["CHEST"], "view": ["PA", "AP"]}}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radsal.core.errors import ModelRefusal
from radsal.core.identity import ModelIdentity
from radsal.core.radiograph import ImageHeader
from radsal.inference.components import (
    Component,
    bounded_outputs,
    channels_and_labels,
    read_activation,
    read_network,
    read_preprocessing,
)
from radsal.inference.content import content_sha256, find_weights
from radsal.inference.documents import read_document, refuse, refuse_programs
from radsal.inference.records import check_record
from radsal.inference.references import References

METADATA = "configs/metadata.json"
INFERENCE = "configs/inference.json"
INFERENCE_YAML = "configs/inference.yaml"
CARD = "docs/README.md"
DEFAULT_OPERATING_POINT = 0.5

_MODALITIES = ("CR", "CT", "DX", "IO", "MG", "MR", "PX", "RF", "RG", "US", "XA")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Intended:
    """What a model was made for, in DICOM's terms; an empty tuple allows anything."""

    modality: tuple[str, ...] = ()
    body_part: tuple[str, ...] = ()
    view: tuple[str, ...] = ()

    def objections_to(self, header: ImageHeader) -> tuple[str, ...]:
        """Why an image is none that the model was made for: see :meth:`objections`."""
        return self.objections(
            modality=header.modality, body_part=header.body_part, view=header.view_position
        )

    def objections(self, *, modality: str, body_part: str, view: str) -> tuple[str, ...]:
        """One sentence for each attribute of an image that the model was not made for.

        An attribute that the file leaves empty is unknown, which is not an objection.
        """
        asked = (
            ("modality", modality, self.modality),
            ("body part", body_part, self.body_part),
            ("view", view, self.view),
        )
        return tuple(
            f"The model is intended for {name} {' or '.join(allowed)}; this image has {value}."
            for name, value, allowed in asked
            if value and allowed and value.upper() not in {a.upper() for a in allowed}
        )


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A classifier package that passed the strict reader. Building one imports no torch.

    Attributes
    ----------
    identity:
        Id, and SHA-256 over configs/, models/ and docs/ (:func:`content_sha256`).
    labels:
        Findings in the order of the network's logits.
    operating_points:
        Probability from which each finding is called, in the order of the labels.
    network, preprocessing:
        Allow-listed names with plain arguments.
    activation:
        ``sigmoid`` (each label on its own) or ``softmax`` (the labels exclude each other).
    weights, card:
        Files; ``card`` is None where the package has none.
    inference:
        The file that network and preprocessing come from.
    metadata:
        ``configs/metadata.json`` as plain values; not to be changed.
    notes:
        What the package leaves unsaid and RadSal assumed.
    """

    identity: ModelIdentity
    folder: Path
    labels: tuple[str, ...]
    operating_points: tuple[float, ...]
    network: Component
    preprocessing: tuple[Component, ...]
    activation: str
    weights: Path
    intended: Intended = Intended()
    name: str = ""
    version: str = ""
    inference: str = INFERENCE
    card: Path | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError("labels are given and unique")
        if len(self.operating_points) != len(self.labels):
            raise ValueError("each label has an operating point")
        if self.activation not in ("sigmoid", "softmax"):
            raise ValueError(f"unknown activation: {self.activation}")

    @property
    def id(self) -> str:
        """The name that commands and windows use."""
        return self.identity.id

    def card_text(self) -> str:
        """The model card, Markdown; empty where the package has none."""
        return self.card.read_text("utf-8", errors="replace") if self.card else ""

    def label_index(self, finding: str) -> int:
        """Which logit belongs to a finding. Raises KeyError for one that the model lacks."""
        if finding not in self.labels:
            raise KeyError(finding)
        return self.labels.index(finding)


def read_package(folder: Path) -> ModelPackage:
    """Read a package as data.

    Raises
    ------
    ModelRefusal
        Names the exact place, such as ``configs/inference.json: network_def._target_``, and how
        to mend it.
    """
    try:
        return _read(Path(folder))
    except (OSError, UnicodeError) as error:  # no permission, a lost drive, a name that is no text
        reason = getattr(error, "strerror", None) or type(error).__name__
        refuse(
            Path(folder).name,
            f"cannot be read ({reason})",
            "Check the permissions and the names of the package's files.",
            code="model-unreadable",
        )


def _read(folder: Path) -> ModelPackage:
    weights = find_weights(folder)
    sha256 = content_sha256(folder)
    check_record(folder, sha256)
    metadata = read_document(folder, METADATA)
    name = _inference_file(folder)
    inference = read_document(folder, name)
    refuse_programs(METADATA, metadata, prose=True)
    refuse_programs(name, inference, prose=False)
    network, preprocessing, activation, notes = _read_inference(inference, name)
    labels = _labels(metadata)
    _check_outputs(network, labels, name)
    own = _own_block(metadata)
    points, unsaid = _operating_points(own, labels)
    card = folder / CARD
    return ModelPackage(
        identity=ModelIdentity(_id(own, folder), sha256),
        folder=folder,
        labels=labels,
        operating_points=points,
        network=network,
        preprocessing=preprocessing,
        activation=activation,
        weights=weights,
        intended=_intended(metadata, own),
        name=_text(metadata, "name"),
        version=_text(metadata, "version"),
        inference=name,
        card=card if card.is_file() else None,
        metadata=metadata,
        notes=notes + unsaid,
    )


def verify(package: ModelPackage) -> None:
    """Refuse a package whose files are no longer those that were read."""
    if content_sha256(package.folder) != package.identity.sha256:
        raise ModelRefusal(
            f"{package.id}: the files of the package have changed since it was read",
            code="model-changed",
            remedy="Import the package anew, and find out who changed it.",
        )


def _inference_file(folder: Path) -> str:
    """The one of the two names that is there; MONAI would read whichever it is told to."""
    if not (folder / INFERENCE_YAML).exists():
        return INFERENCE
    if (folder / INFERENCE).exists():
        refuse(
            INFERENCE_YAML,
            f"there is {INFERENCE} too, and nothing says which counts",
            "Remove one of the two.",
            code="model-layout",
        )
    return INFERENCE_YAML


def _read_inference(
    document: Mapping[str, Any], name: str
) -> tuple[Component, tuple[Component, ...], str, tuple[str, ...]]:
    """Network, preprocessing, activation and what was assumed."""
    for key in ("network_def", "preprocessing"):
        if key not in document:
            refuse(f"{name}: {key}", "is missing", f"Add {key} with plain values.")
    references = References(document, name)
    network = read_network(references.entry("network_def"), f"{name}: network_def")
    steps = read_preprocessing(references.entry("preprocessing"), f"{name}: preprocessing")
    activation, notes = _read_postprocessing(document, references, name)
    if place := references.unreached():
        refuse(
            f"{name}: {place}",
            "names something to run that RadSal has no use for",
            "Remove the entry; only network_def, preprocessing and postprocessing are read.",
            code="model-unknown-target",
        )
    if bounded_outputs(network):
        notes += ("The network ends in Tanh: its outputs lie between -1 and 1.",)
    return network, steps, activation, notes


def _read_postprocessing(
    document: Mapping[str, Any], references: References, name: str
) -> tuple[str, tuple[str, ...]]:
    if "postprocessing" not in document:
        return "sigmoid", ("No postprocessing is stated: sigmoid is assumed.",)
    return read_activation(references.entry("postprocessing"), f"{name}: postprocessing"), ()


def _labels(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """``network_data_format.outputs.pred.channel_def``: ``{"0": "Opacity", …}``."""
    place, node = f"{METADATA}: ", metadata
    path = ("network_data_format", "outputs", "pred", "channel_def")
    for depth, key in enumerate(path):
        place = f"{METADATA}: {'.'.join(path[: depth + 1])}"
        node = node.get(key)  # type: ignore[assignment]
        if not isinstance(node, dict):
            refuse(place, "is missing", 'Name the labels as {"0": "Opacity", …}.')
    if not node or set(node) != {str(i) for i in range(len(node))}:
        refuse(place, "does not number its labels 0, 1, 2 …", "Number every output once.")
    labels = tuple(node[str(i)] for i in range(len(node)))
    if not all(isinstance(text, str) and 0 < len(text.strip()) <= 64 for text in labels):
        refuse(place, "has a label that is no text of 1 to 64 characters", "Name each output.")
    if len(set(labels)) != len(labels):
        refuse(place, "has the same label twice", "Give each output its own label.")
    return labels


def _check_outputs(network: Component, labels: tuple[str, ...], name: str) -> None:
    outputs = channels_and_labels(network)[1]
    if outputs != len(labels):
        refuse(
            f"{name}: network_def",
            f"has {outputs} outputs for {len(labels)} labels",
            "Make channel_def and the network's outputs agree.",
        )


def _own_block(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    own = metadata.get("radsal", {})
    if not isinstance(own, dict):
        refuse(f"{METADATA}: radsal", "must be an object", "See RadSal's package layout.")
    return own


def _id(own: Mapping[str, Any], folder: Path) -> str:
    """The stated id, or the folder's name."""
    name = own.get("id", folder.resolve().name)
    if not isinstance(name, str) or not _ID.fullmatch(name):
        refuse(
            f"{METADATA}: radsal.id",
            f"{name!r:.80} cannot serve as an id",
            "Use up to 64 lower-case letters, digits, '.', '_' and '-'.",
        )
    return name


def _operating_points(
    own: Mapping[str, Any], labels: tuple[str, ...]
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Operating points in the order of the labels, and a note where some were not stated."""
    place = f"{METADATA}: radsal.operating_points"
    given = own.get("operating_points", {})
    if not isinstance(given, dict):
        refuse(place, "must be an object", 'Write {"Opacity": 0.5}.')
    for label, point in given.items():
        if label not in labels:
            refuse(f"{place}.{label}", "is no label of the model", "Use the labels of channel_def.")
        if isinstance(point, bool) or not isinstance(point, int | float) or not 0 <= point <= 1:
            refuse(f"{place}.{label}", "must be a number from 0 to 1", "Give a probability.")
    unsaid = [label for label in labels if label not in given]
    note = (
        f"No operating point is stated for {', '.join(unsaid)}: {DEFAULT_OPERATING_POINT} is used."
    )
    points = tuple(float(given.get(label, DEFAULT_OPERATING_POINT)) for label in labels)
    return points, ((note,) if unsaid else ())


def _intended(metadata: Mapping[str, Any], own: Mapping[str, Any]) -> Intended:
    """The block's ``intended``; a modality that it leaves out is MONAI's own, if DICOM knows it."""
    place, given = f"{METADATA}: radsal.intended", own.get("intended", {})
    if not isinstance(given, dict) or set(given) - {"modality", "body_part", "view"}:
        refuse(place, "must hold modality, body_part and view only", "Give lists of DICOM terms.")
    for key, terms in given.items():
        if not isinstance(terms, list) or not all(isinstance(term, str) for term in terms):
            refuse(f"{place}.{key}", "must be a list of texts", 'Write ["DX", "CR"].')
    plain = {key: tuple(terms) for key, terms in given.items()}
    return Intended(**({"modality": _stated_modality(metadata)} | plain))


def _stated_modality(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """``network_data_format.inputs.image.modality`` where it is a DICOM term (PS3.3 C.7.3.1.1.1)."""
    node: Any = metadata
    for key in ("network_data_format", "inputs", "image", "modality"):
        node = node.get(key) if isinstance(node, dict) else None
    known = isinstance(node, str) and node.upper() in _MODALITIES
    return (node.upper(),) if known else ()


def _text(metadata: Mapping[str, Any], key: str) -> str:
    value = metadata.get(key, "")
    return value if isinstance(value, str) else str(value)
