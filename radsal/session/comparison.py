"""Other methods' maps beside the one that is judged: the same image, model and finding."""

from dataclasses import InitVar, dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.saliency.catalogue import CATALOGUE, GRADCAM, Basis, MethodInfo
from radsal.session.pane import Pane
from radsal.session.reading import Reading

MOST = 4  # methods side by side, that of the main reading included
_FOLLOWED = ("case", "header", "frame", "radiograph", "refusal", "model", "options", "finding")


@dataclass(eq=False)
class Comparison:
    """The panes beside the main reading; there are none while nothing is compared.

    Parameters
    ----------
    main:
        The reading that is judged. The panes follow it before any later observer acts.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    main: InitVar[Reading]
    panes: tuple[Pane, ...] = ()

    def __post_init__(self, main: Reading) -> None:
        self._main = main
        self._voting = False
        for name in _FOLLOWED:
            main.events[name].connect(self._follow, max_args=0)
        self._count(main)

    @property
    def room(self) -> bool:
        """There is room for another pane."""
        return len(self.panes) < MOST - 1

    def add(self, method: str) -> Pane:
        """A pane for this method, after the others. Raises ValueError where there is no room."""
        if not self.room:
            raise ValueError(f"at most {MOST} methods stand side by side")
        pane = Pane(method=method)
        pane.follow(self._main)
        self._count(pane)
        self.panes = (*self.panes, pane)
        self._vote()
        return pane

    def remove(self, pane: Pane) -> None:
        """Look at one map less."""
        self.panes = tuple(other for other in self.panes if other is not pane)
        self._vote()

    def stop(self) -> None:
        """Go back to the one map."""
        self.panes = ()

    def next_method(self) -> str:
        """A method that is not shown yet, of another family than those where there is one."""
        shown = {self._main.method, *(pane.method for pane in self.panes)}
        families = {CATALOGUE[name].family for name in shown if name in CATALOGUE}
        left = [info for name, info in CATALOGUE.items() if info.advised and name not in shown]
        left.sort(key=lambda info: (info.family in families, not _general(info), info.takes_long))
        return left[0].name if left else GRADCAM.name

    def _follow(self) -> None:
        for pane in self.panes:
            pane.follow(self._main)
        self._vote()

    def _count(self, reading: Reading) -> None:
        """Whatever changes the reading's vote is followed."""
        for what in (reading.events.analysis, reading.events.method, reading.asking.events.ended):
            what.connect(self._vote, max_args=0)

    def _vote(self) -> None:
        """The maps that are there changed, and so did what they agree on."""
        if self._voting:  # what a consensus shows is no vote
            return
        self._voting = True
        try:
            for pane in self.panes:
                if not pane.asks:
                    pane.agree((self._main, *self.panes))
        finally:
            self._voting = False


def _general(info: MethodInfo) -> bool:
    """It explains a finding, of most networks."""
    return info.class_specific and info.basis is not Basis.ATTENTION
