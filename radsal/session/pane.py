"""One map beside the one that is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from psygnal import SignalGroupDescriptor

from radsal.core.errors import KnownError
from radsal.core.results import Analysis, HotSpot, MapStatus, SaliencyMap
from radsal.saliency.catalogue import CONSENSUS, SPREAD, title_of
from radsal.saliency.consensus import Consensus, consensus
from radsal.session.reading import Reading

EVERYWHERE_ALIKE = "The methods agree everywhere."
SHARED_FROM = 0.75  # the mean rank above which a place counts as one that the methods share
ONLY_ABOVE = f"Drawn is what lies above the mean rank {SHARED_FROM}."
NOTHING_SHARED = f"The methods share no place: no mean rank lies above {SHARED_FROM}."


@dataclass(eq=False)
class Pane(Reading):
    """A map that is looked at and not judged: it has no hot spots and no read.

    It is a reading of its own, so that what arrives is checked against what it shows. Instead of
    a method it may show what the others agree on: ``method`` is then ``CONSENSUS``, or ``SPREAD``
    for how far they lie apart.

    Attributes
    ----------
    told:
        With a consensus: who voted, who did not and why. Nothing with a method.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    told: str = ""

    def follow(self, main: Reading) -> None:
        """Show what the main reading shows; nothing of another image, model or finding stays."""
        if not self._shows(main):
            self.choose(main.case, main.header, main.frame)
        if main.model is not None:
            self.choose_model(main.model)
        if main.radiograph is not None and self.radiograph is None:
            self.present(main.radiograph)
        self.refusal = main.refusal
        self.take_options(main.options)
        if self.finding != main.finding:
            self.select_finding(main.finding)

    def _shows(self, main: Reading) -> bool:
        chosen = self.case is main.case and self.header == main.header and self.frame == main.frame
        return chosen and self.radiograph in (None, main.radiograph)

    @property
    def asks(self) -> bool:
        """Its map comes from the model and not from the other panes."""
        return self.method not in (CONSENSUS, SPREAD)

    @property
    def spots(self) -> tuple[HotSpot, ...]:
        """None: what is judged stands in the main reading."""
        return ()

    # the consensus ---------------------------------------------------------------------------

    def choose_method(self, method: str) -> None:
        """Show the map of another method, or the consensus of the others."""
        super().choose_method(method)
        if self.asks:
            self.told = ""

    def agree(self, others: Sequence[Reading]) -> None:
        """Show what the others' maps of the selected finding agree on, or say why there is none."""
        self.analysis = None
        self.asking.end()
        asked = [reading for reading in others if reading.asks]
        voters = {reading.method: reading for reading in asked if reading.saliency is not None}
        analyses = [r.analysis for r in voters.values() if r.analysis is not None]
        missing = tuple(_missing_text(r) for r in asked if r.method not in voters)
        if self.radiograph is None or self.finding is None or not analyses:
            self.told = " ".join(missing)
            return
        self.asking.subject = title_of(self.method)
        try:
            agreed = consensus(analyses, self.finding, self.radiograph.shape)
        except KnownError as error:
            self.told = " ".join((str(error), error.remedy, *missing))
            self.asking.end("There is none.")
        else:
            drawn = (ONLY_ABOVE,) if self.method == CONSENSUS else ()
            self.told = " ".join((*agreed.sentences, *drawn, *missing))
            self.attach(self._analysis(agreed, analyses[0]))

    def _analysis(self, agreed: Consensus, one: Analysis) -> Analysis:
        shown = shared_map(agreed) if self.method == CONSENSUS else spread_map(agreed)
        return replace(one, method=self.method, parameters={}, maps=(shown,), hot_spots=())


def _missing_text(reading: Reading) -> str:
    ended = reading.asking.ended
    return f"{title_of(reading.method)}: {ended or 'on its way.'}"


def shared_map(agreed: Consensus) -> SaliencyMap:
    """How far the mean rank lies above :data:`SHARED_FROM`.

    Every place has some rank: drawn from 0 on, a consensus would cover the whole image.
    """
    above = np.maximum(agreed.map.values - np.float32(SHARED_FROM), 0)
    return _map(agreed, CONSENSUS, above, NOTHING_SHARED)


def spread_map(agreed: Consensus) -> SaliencyMap:
    """How far the families lie apart: bright where they do not agree."""
    return _map(agreed, SPREAD, agreed.spread, EVERYWHERE_ALIKE)


def _map(agreed: Consensus, method: str, values: NDArray[np.float32], if_empty: str) -> SaliencyMap:
    full = bool((values > 0).any())
    status, reason = (MapStatus.OK, "") if full else (MapStatus.EMPTY, if_empty)
    return SaliencyMap(agreed.map.finding, method, values, agreed.map.mapping, status, reason)
