"""What the stages after the image make of it: predictions, maps, hot spots, an analysis."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radsal.core.frozen import Rebuilt
from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity


class MapStatus(StrEnum):
    """Whether a saliency map may be read at all."""

    OK = "ok"
    EMPTY = "empty"  # nothing positive anywhere: drawn as nothing, never stretched into noise
    FAILED = "failed"  # not a number, constant output, or the method does not apply


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer for one finding. ``probability`` is after sigmoid or softmax."""

    finding: str
    logit: float
    probability: float
    operating_point: float

    def __post_init__(self) -> None:
        if not self.finding:
            raise ValueError("a prediction needs its finding")
        if not isfinite(self.logit):
            raise ValueError(f"a logit is a finite number, got {self.logit}")
        if not 0 <= self.probability <= 1 or not 0 <= self.operating_point <= 1:
            raise ValueError("probability and operating point lie between 0 and 1")

    @property
    def positive(self) -> bool:
        """At or above the operating point."""
        return self.probability >= self.operating_point


@dataclass(frozen=True, slots=True, eq=False)
class SaliencyMap(Rebuilt):
    """Raw signed map of one finding by one method, on its native grid.

    Attributes
    ----------
    values:
        float32, (h, w), the network's axes, read only; zeros where the status is ``failed``.
    mapping:
        Where the grid lies in the image.
    reason:
        Why the map is empty or failed, one sentence.
    """

    finding: str
    method: str
    values: NDArray[np.float32]
    mapping: GridMapping
    status: MapStatus
    reason: str = ""

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.dtype != np.float32:
            raise ValueError("a saliency map is a 2-D array of float32")
        if not np.isfinite(self.values).all():
            raise ValueError("a map that is not finite has failed: give zeros and the reason")
        if (self.status is MapStatus.OK) != bool((self.values > 0).any()):
            raise ValueError("a map is ok exactly where something in it is positive")
        self.values.setflags(write=False)

    @property
    def grid(self) -> tuple[int, int]:
        """Shape of the native grid with rows along image rows."""
        h, w = self.mapping.upright(self.values).shape
        return h, w

    @property
    def sha256(self) -> str:
        """SHA-256 of the raw values: little-endian float32, C order."""
        return hashlib.sha256(np.ascontiguousarray(self.values, dtype="<f4").tobytes()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class HotSpot(Rebuilt):
    """A connected region of one map.

    Attributes
    ----------
    id:
        Stable name: the same image, model, finding, method, parameters and peak cell give the
        same id.
    rank:
        1 for the region with the largest share.
    peak:
        (row, column) in image pixels, edge coordinates, of the highest value.
    contour:
        float32, (n, 2), (row, column) in image pixels, closed (first point = last), read only.
    share:
        Share of the map's positive mass inside the region, 0 to 1.
    area:
        Area in image pixels.
    """

    id: str
    finding: str
    method: str
    rank: int
    peak: tuple[float, float]
    box: Box
    contour: NDArray[np.float32]
    share: float
    area: float

    def __post_init__(self) -> None:
        if self.contour.ndim != 2 or self.contour.shape[1] != 2 or len(self.contour) < 4:
            raise ValueError("a contour is a closed polygon of (row, column) points")
        if not np.isfinite(self.contour).all() or (self.contour[0] != self.contour[-1]).any():
            raise ValueError("a contour ends where it begins")
        if not 0 < self.share <= 1 or self.rank < 1 or not self.area > 0:
            raise ValueError("a hot spot has a rank, an area and a share of the map")
        self.contour.setflags(write=False)


FINDINGS = "findings"
"""The parameter of an analysis that says which findings were to be explained."""


def finding_of(parameter: str) -> str:
    """The finding that a parameter is a fact about; empty where it is about none."""
    return parameter.partition(" ")[2]


def _frozen(
    values: Mapping[str, float | int | str | bool],
) -> Mapping[str, float | int | str | bool]:
    return MappingProxyType(dict(sorted(values.items())))


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Everything one model says of one image by one method, with the identity it belongs to.

    Attributes
    ----------
    device:
        Where it was computed, such as ``cpu`` or ``cuda:0 NVIDIA RTX A4000``, with
        ``(fallback: …)`` appended where another device was asked for.
    parameters:
        Plain values, sorted by name: what was asked for (:data:`FINDINGS`), parameters of the
        method and of the hot spots, and facts that were measured. A fact about one finding is
        named ``<fact> <finding>``; other names hold no space.
    milliseconds:
        Time of the computation in the worker.
    notes:
        What a reader must know: model asked outside its intended view, polarity turned …
    """

    image: ImageIdentity
    model: ModelIdentity
    method: str
    parameters: Mapping[str, float | int | str | bool]
    device: str
    predictions: tuple[Prediction, ...]
    maps: tuple[SaliencyMap, ...]
    hot_spots: tuple[HotSpot, ...]
    milliseconds: float = 0.0
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        known = {p.finding for p in self.predictions}
        if any(m.finding not in known or m.method != self.method for m in self.maps):
            raise ValueError("a map belongs to a predicted finding and to the analysis' method")
        if len(known) != len(self.predictions) or len({m.finding for m in self.maps}) != len(
            self.maps
        ):
            raise ValueError("a finding has one prediction, and one map at most")
        readable = {(m.finding, m.method) for m in self.maps if m.status is MapStatus.OK}
        if any((h.finding, h.method) not in readable for h in self.hot_spots):
            raise ValueError("a hot spot belongs to a map of the analysis that may be read")
        if len({h.id for h in self.hot_spots}) != len(self.hot_spots):
            raise ValueError("hot spot ids must be unique")
        object.__setattr__(self, "parameters", _frozen(self.parameters))

    def __reduce__(self) -> tuple[Any, ...]:
        """The parameters are a read-only view, which does not pickle."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Analysis, tuple({**values, "parameters": dict(self.parameters)}.values())

    def prediction(self, finding: str) -> Prediction:
        """The prediction of one finding. Raises KeyError for a finding the model lacks."""
        for prediction in self.predictions:
            if prediction.finding == finding:
                return prediction
        raise KeyError(finding)

    @property
    def striking(self) -> Prediction | None:
        """The prediction that exceeds its operating point the most (or misses it the least)."""
        return max(self.predictions, key=lambda p: p.probability - p.operating_point, default=None)

    def map_of(self, finding: str) -> SaliencyMap | None:
        """The map of one finding, or None where it was not asked for."""
        return next((m for m in self.maps if m.finding == finding), None)

    def spots_of(self, finding: str) -> tuple[HotSpot, ...]:
        """Hot spots of one finding, by rank."""
        spots = [h for h in self.hot_spots if h.finding == finding]
        return tuple(sorted(spots, key=lambda spot: spot.rank))

    def facts_of(self, finding: str) -> dict[str, float | int | str | bool]:
        """What was measured on the way to the map of a finding, by name without the finding."""
        facts = {n: v for n, v in self.parameters.items() if finding_of(n) == finding}
        return {name.partition(" ")[0]: value for name, value in facts.items()}

    def only(self, finding: str) -> "Analysis":
        """What would have been answered had this finding alone been asked for.

        Predictions stay, and so does the time that it all took. Raises KeyError for a finding
        without a map.
        """
        saliency = self.map_of(finding)
        if saliency is None:
            raise KeyError(finding)
        kept = {n: v for n, v in self.parameters.items() if finding_of(n) in ("", finding)}
        return replace(
            self,
            parameters={**kept, FINDINGS: finding},
            maps=(saliency,),
            hot_spots=tuple(spot for spot in self.hot_spots if spot.finding == finding),
        )
