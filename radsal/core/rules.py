"""By which rule a map is turned into colours: the rule has a name, which stands beside the colours.

A map itself is raw and signed. A rule says which of its values are evidence that is drawn, and
which value the end of the colours stands for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from radsal.core.figures import percent
from radsal.core.results import MapStatus, SaliencyMap

PERCENTILE = 99
_NTH = f"{PERCENTILE}th percentile"


class Scale(StrEnum):
    """What the end of the colours stands for."""

    MAP = "map"  # the largest evidence of the map itself
    SHARED = "shared"  # the largest evidence in any map of the same analysis
    PERCENTILE = "percentile"  # of the map's evidence; what is beyond has the last colour

    @property
    def words(self) -> str:
        """On a button."""
        return {"map": "per map", "shared": "all findings"}.get(self.value, f"{PERCENTILE}th pct.")


class Sign(StrEnum):
    """Which evidence is drawn: what speaks for the finding, what speaks against it, or both."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a rule makes of one map.

    Attributes
    ----------
    top:
        The size of evidence that the end of the colours stands for, in units of the map; 0 where
        the map has no such evidence: then nothing of it is drawn.
    peak:
        The largest evidence in the map itself.
    findings:
        How many maps share the scale.
    favour:
        The largest evidence for the finding in the map, whatever sign is drawn.
    """

    rule: "DisplayRule"
    top: float
    peak: float
    findings: int = 1
    favour: float = 0.0

    @property
    def reach(self) -> float:
        """The map's largest evidence as a share of the scale, at most 1; 0 without evidence."""
        return min(1.0, self.peak / self.top) if self.top > 0 else 0.0

    @property
    def of_what(self) -> str:
        """What shares, as of a threshold, are shares of."""
        return {
            Scale.MAP: "per-map maximum",
            Scale.SHARED: f"shared maximum over {_findings(self.findings)}",
            Scale.PERCENTILE: f"per-map {_NTH}",
        }[self.rule.scale]

    @property
    def words(self) -> tuple[str, ...]:
        """The rule in words, a line each; that evidence is positive goes without saying.

        Where a scale of its own would let weak evidence look strong, its strength is said.
        """
        signs = {Sign.NEGATIVE: ("negative evidence",), Sign.BOTH: ("positive and negative",)}
        lines = (*signs.get(self.rule.sign, ()), self.of_what)
        if self.top <= 0:
            return lines
        if self.rule.scale is Scale.SHARED:
            return (*lines, f"this map reaches {percent(self.reach)}")
        if self.rule.sign is Sign.NEGATIVE and self.favour > 0:
            return (*lines, f"at most {self.peak / self.favour:.2g}× its positive maximum")
        return lines


@dataclass(frozen=True, slots=True)
class DisplayRule:
    """How maps are normalised and which of their values are drawn.

    A map that is ``empty`` has nothing positive and draws nothing. What it has against the
    finding is drawn where that is asked for by sign, and by no other rule; a ``failed`` map draws
    nothing by any rule.
    """

    scale: Scale = Scale.MAP
    sign: Sign = Sign.POSITIVE

    def applied(self, saliency: SaliencyMap, maps: Iterable[SaliencyMap] = ()) -> Shown:
        """What the rule makes of a map beside the other ``maps`` of its analysis."""
        evidence, favour = self._evidence(saliency), float(saliency.values.max())
        peak = float(evidence.max(initial=0))
        if self.scale is Scale.PERCENTILE and peak > 0:
            return Shown(self, float(np.percentile(evidence, PERCENTILE)), peak, 1, favour)
        if self.scale is Scale.SHARED and peak > 0:
            others = (one for one in maps if one is not saliency)
            peaks = [peak, *(float(self._evidence(one).max(initial=0)) for one in others)]
            return Shown(self, max(peaks), peak, sum(each > 0 for each in peaks), favour)
        return Shown(self, peak, peak, 1, favour)

    def _evidence(self, saliency: SaliencyMap) -> NDArray[np.float32]:
        """Sizes of what is drawn of a map, all above 0; in no order."""
        values = saliency.values
        if saliency.status is not MapStatus.OK and not self._against(saliency):
            return np.empty(0, np.float32)
        size = {Sign.POSITIVE: values, Sign.NEGATIVE: -values, Sign.BOTH: np.abs(values)}[self.sign]
        return size[size > 0]

    def _against(self, saliency: SaliencyMap) -> bool:
        """An empty map has something against the finding, not the same everywhere, to be drawn."""
        empty = saliency.status is MapStatus.EMPTY and self.sign is not Sign.POSITIVE
        return empty and bool((saliency.values != saliency.values.flat[0]).any())


def _findings(count: int) -> str:
    return f"{count} finding" if count == 1 else f"{count} findings"
