"""Other methods' maps beside the one that is judged: the same image, model and finding."""

from dataclasses import InitVar, dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.results import HotSpot
from radsal.saliency.catalogue import CATALOGUE, GRADCAM
from radsal.session.reading import Reading

MOST = 4  # methods side by side, that of the main reading included


class Pane(Reading):
    """A map that is looked at and not judged: it has no hot spots and no read.

    It is a reading of its own, so that what arrives is checked against what it shows.
    """

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
    def spots(self) -> tuple[HotSpot, ...]:
        """None: what is judged stands in the main reading."""
        return ()


@dataclass(eq=False)
class Comparison:
    """The panes beside the main reading; there are none while nothing is compared.

    Parameters
    ----------
    main:
        The reading that is judged. The panes follow it before any other observer acts.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    main: InitVar[Reading]
    panes: tuple[Pane, ...] = ()

    def __post_init__(self, main: Reading) -> None:
        self._main = main
        for name in (
            "case",
            "header",
            "frame",
            "radiograph",
            "refusal",
            "model",
            "options",
            "finding",
        ):
            main.events[name].connect(self._follow, max_args=0)

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
        self.panes = (*self.panes, pane)
        return pane

    def remove(self, pane: Pane) -> None:
        """Look at one map less."""
        self.panes = tuple(other for other in self.panes if other is not pane)

    def stop(self) -> None:
        """Go back to the one map."""
        self.panes = ()

    def next_method(self) -> str:
        """A method that is not shown yet, of another family than those where there is one."""
        shown = {self._main.method, *(pane.method for pane in self.panes)}
        families = {CATALOGUE[name].family for name in shown if name in CATALOGUE}
        left = [info for name, info in CATALOGUE.items() if info.advised and name not in shown]
        left.sort(key=lambda info: (info.family in families, not info.at_once))
        return left[0].name if left else GRADCAM.name

    def _follow(self) -> None:
        for pane in self.panes:
            pane.follow(self._main)
