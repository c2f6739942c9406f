"""What several methods agree on: their maps as ranks, correlated methods counted once. No torch.

Values of two methods cannot be compared, the order of places can. On a grid over the image that
all maps are sampled onto, each map's positive part becomes ranks from 0 to 1, ties averaged; ranks
are averaged within a family of methods, which agree because they are alike, and then over the
families. Beside the average stands how far the families lie apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.frozen import Rebuilt
from radsal.core.geometry import GridMapping
from radsal.core.results import Analysis, MapStatus, SaliencyMap
from radsal.saliency.catalogue import CATALOGUE, CONSENSUS, title_of

WORKING_SIZE = 256  # cells along the image's longer side
FEWEST_FAMILIES = 2

NOT_ASKED = "It was not asked about this finding."
NOTHING_HERE = "In the part of the image that all maps reach it has one value."

Ranks = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Consensus(Rebuilt):
    """What the maps of one finding of one image agree on.

    Attributes
    ----------
    map:
        Mean rank over the families, 0 to 1, on a grid over the image whose longer side has
        :data:`WORKING_SIZE` cells (fewer where the image has fewer pixels); its method is
        :data:`~radsal.saliency.catalogue.CONSENSUS`. 0 where one of the maps does not reach.
    spread:
        float32, of the same shape, read only: standard deviation over the families of their
        ranks, 0 (all agree) to 0.5.
    voters:
        The methods that voted, by family.
    left_out:
        The methods that did not vote, each with the reason: one sentence.
    """

    map: SaliencyMap
    spread: NDArray[np.float32]
    voters: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.spread.shape != self.map.values.shape or self.spread.dtype != np.float32:
            raise ValueError("the spread is float32 and has the shape of the map")
        if len(self.voters) < FEWEST_FAMILIES:
            raise ValueError("a consensus is one of several families")
        self.spread.setflags(write=False)
        for name in ("voters", "left_out"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        """Read-only views do not pickle."""
        return Consensus, (self.map, self.spread, dict(self.voters), dict(self.left_out))

    @property
    def class_agnostic(self) -> tuple[str, ...]:
        """Voters whose maps are the same for every finding."""
        voters = [method for family in self.voters.values() for method in family]
        return tuple(m for m in voters if m in CATALOGUE and not CATALOGUE[m].class_specific)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Who voted, who did not and why, for a reader."""
        families = "; ".join(_titles(methods) for methods in self.voters.values())
        said = [f"Mean rank over {len(self.voters)} families of methods: {families}."]
        if self.class_agnostic:
            said.append(f"The same for every finding: {_titles(self.class_agnostic)}.")
        said += [f"{title_of(m)} did not vote: {reason}" for m, reason in self.left_out.items()]
        return tuple(said)


def consensus(
    analyses: Sequence[Analysis], finding: str, image_shape: tuple[int, int]
) -> Consensus:
    """The consensus of the maps of one finding.

    Parameters
    ----------
    analyses:
        Of one image by one model, each by another method. A map that is empty or failed does not
        vote, and neither does one that was not asked for.
    image_shape:
        (rows, columns) of the image.

    Raises
    ------
    IdentityMismatch
        The analyses belong to several images or models.
    KnownError
        ``no-consensus``: fewer than two families have a map that may be read.
    """
    _check(analyses)
    maps = {analysis.method: analysis.map_of(finding) for analysis in analyses}
    left_out = {method: _objection(item) for method, item in maps.items() if not _is_ok(item)}
    readable = [item for item in maps.values() if item is not None and _is_ok(item)]
    grid = _grid(image_shape)
    reach = _common_reach(readable, grid, image_shape)
    ranks: dict[str, dict[str, Ranks]] = {}
    for item in readable:
        values = _positive_part(item, grid, image_shape)[reach]
        if values.size and values.min() < values.max():
            ranks.setdefault(_family(item.method), {})[item.method] = _ranks(values)
        else:
            left_out[item.method] = NOTHING_HERE
    if len(ranks) < FEWEST_FAMILIES:
        raise _no_consensus(finding, ranks, left_out)
    families = np.stack([np.mean(list(family.values()), axis=0) for family in ranks.values()])
    mapping = GridMapping.stretch(grid, image_shape)
    mean = _filled(reach, families.mean(axis=0))
    return Consensus(
        SaliencyMap(finding, CONSENSUS, mean, mapping, MapStatus.OK),
        _filled(reach, families.std(axis=0)),
        {name: tuple(family) for name, family in ranks.items()},
        left_out,
    )


def _check(analyses: Sequence[Analysis]) -> None:
    if len({(analysis.image, analysis.model) for analysis in analyses}) > 1:
        raise IdentityMismatch("Maps of different images or models have no consensus.")
    if len({analysis.method for analysis in analyses}) != len(analyses):
        raise ValueError("each method votes once")


def _is_ok(item: SaliencyMap | None) -> bool:
    return item is not None and item.status is MapStatus.OK


def _objection(item: SaliencyMap | None) -> str:
    if item is None:
        return NOT_ASKED
    return f"Its map is {item.status.value}. {item.reason}".strip()


def _family(method: str) -> str:
    info = CATALOGUE.get(method)
    return info.family if info else method


def _titles(methods: Sequence[str]) -> str:
    return ", ".join(map(title_of, methods))


def _no_consensus(
    finding: str, ranks: Mapping[str, Mapping[str, Ranks]], left_out: Mapping[str, str]
) -> KnownError:
    voters = [method for family in ranks.values() for method in family]
    there = f"there is only {_titles(voters)}" if voters else "there is none"
    reasons = "".join(f" {title_of(method)}: {reason}" for method, reason in left_out.items())
    return KnownError(
        f"A consensus on {finding} needs maps by methods of two families; {there}.{reasons}",
        code="no-consensus",
        remedy="Compare methods of different families.",
    )


# on the common grid ----------------------------------------------------------------------------


def _grid(image_shape: tuple[int, int]) -> tuple[int, int]:
    longest = max(image_shape)
    scale = min(WORKING_SIZE, longest) / longest
    return max(1, round(image_shape[0] * scale)), max(1, round(image_shape[1] * scale))


def _centres(cells: int, length: int, fine: int = 1) -> NDArray[np.float64]:
    """Image coordinates of the centres of so many cells, each cut into ``fine`` parts."""
    return np.asarray(np.arange(cells * fine) + 0.5, dtype=np.float64) * (length / (cells * fine))


def _common_reach(
    maps: Sequence[SaliencyMap], grid: tuple[int, int], image_shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """bool, of the grid's shape: the cells whose centres every map reaches."""
    points = [_centres(cells, side) for cells, side in zip(grid, image_shape, strict=True)]
    reach = np.ones(grid, bool)
    for item in maps:
        inside = item.mapping.sample(np.ones_like(item.values), *points, outside=0.0)
        reach &= inside > 0
    return reach


def _positive_part(
    item: SaliencyMap, grid: tuple[int, int], image_shape: tuple[int, int]
) -> NDArray[np.float32]:
    """What speaks for the finding, in each cell of the grid: a finer map is averaged, not picked."""
    rows, columns = grid
    height, width = item.grid
    fine_r, fine_c = ceil(height / rows), ceil(width / columns)
    points = _centres(rows, image_shape[0], fine_r), _centres(columns, image_shape[1], fine_c)
    values = item.mapping.sample(np.maximum(item.values, 0), *points)
    return np.asarray(values.reshape(rows, fine_r, columns, fine_c).mean(axis=(1, 3)))


def _ranks(values: NDArray[np.float32]) -> Ranks:
    """Ranks from 0 to 1; equal values have the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(mean[place] / (values.size - 1), dtype=np.float64)


def _filled(reach: NDArray[np.bool_], values: Ranks) -> NDArray[np.float32]:
    out = np.zeros(reach.shape, np.float32)
    out[reach] = values
    return out
