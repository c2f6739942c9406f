"""The case on screen: its image, the analysis that belongs to it, and the read of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.errors import IdentityMismatch
from radsal.core.identity import ModelIdentity
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.refused import Refused
from radsal.core.results import Analysis, HotSpot
from radsal.review.case import Case
from radsal.review.read import Read, ReadState, Verdict
from radsal.saliency.catalogue import LAYER, asked_of, chosen_of, tells
from radsal.saliency.options import Options


@dataclass(eq=False)
class Reading:
    """What is on screen. Everything that arrives is checked against it, or is not taken.

    Attributes
    ----------
    case, header:
        What the reader chose; ``header`` is the image of the case that is (to be) shown.
    frame:
        Which of its frames, counted from 1.
    radiograph:
        The decoded image of ``header``, None while it loads.
    refusal:
        Why ``header`` cannot be shown.
    model, method:
        The model whose answers are shown, and the saliency method that explains them.
    options:
        What the reader chose of each method, by its name: only what differs from the defaults.
    analysis:
        Of ``radiograph`` by ``model`` and ``method`` with its options, None until there is one.
    finding:
        The selected finding. ``spot`` is the id of the active hot spot, None for none.
    read:
        The reader's read of ``case`` with ``model``. ``saved_at``: its last durable save.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    case: Case | None = None
    header: ImageHeader | None = None
    frame: int = 1
    radiograph: Radiograph | None = None
    refusal: Refused | None = None
    model: ModelIdentity | None = None
    method: str = "gradcam"
    options: Mapping[str, Options] = field(default_factory=dict)
    analysis: Analysis | None = None
    finding: str | None = None
    spot: str | None = None
    read: Read | None = None
    saved_at: datetime | None = None

    # what the reader chose -------------------------------------------------------------------

    def choose(self, case: Case | None, header: ImageHeader | None = None, frame: int = 1) -> None:
        """Leave the image on screen and wait for another; nothing of the old one stays."""
        another_case = case is not self.case
        self.spot = self.finding = self.analysis = self.radiograph = self.refusal = None
        if another_case:
            self.read = self.saved_at = None
        self.case = case
        self.header = header or (case.first if case else None)
        self.frame = frame

    def choose_model(self, model: ModelIdentity) -> None:
        """Ask another model from now on; the old one's answers and read leave the screen.

        So do the layers that were chosen in it; the other options of each method stay.
        """
        if model == self.model:
            return
        self.spot = self.finding = self.analysis = None
        self.read = self.saved_at = None
        self.options = {name: _without_layer(chosen) for name, chosen in self.options.items()}
        self.model = model

    def choose_method(self, method: str) -> None:
        """Explain by another method from now on; the old one's maps leave the screen."""
        if method != self.method:
            self.spot = self.analysis = None
            self.method = method

    def choose_options(self, options: Options) -> None:
        """Explain with these options of the method from now on, and its defaults for the others.

        The old maps leave the screen.

        Raises
        ------
        KnownError
            An option that the method does not know, or a value that is not possible.
        """
        chosen = chosen_of(self.method, options)
        if chosen != self.chosen_options:
            self.spot = self.analysis = None
            self.options = {**self.options, self.method: chosen}

    # what arrives ----------------------------------------------------------------------------

    def present(self, radiograph: Radiograph) -> None:
        """Show a decoded image.

        Raises
        ------
        IdentityMismatch
            It is not the image that was chosen.
        """
        wanted = radiograph.header == self.header and radiograph.identity.frame == self.frame
        if not wanted:
            raise IdentityMismatch("The image that was loaded is no longer the one on screen.")
        self.radiograph = radiograph

    def attach(self, analysis: Analysis) -> None:
        """Show the answers of the model.

        Raises
        ------
        IdentityMismatch
            They belong to another image, model or method, or to other options of it.
        """
        if self.radiograph is None or analysis.image != self.radiograph.identity:
            raise IdentityMismatch("The analysis belongs to an image that is not on screen.")
        if (analysis.model, analysis.method) != (self.model, self.method):
            raise IdentityMismatch("The analysis was made by another model or method.")
        if not tells(analysis.parameters, asked_of(self.method, self.chosen_options)):
            raise IdentityMismatch("The analysis was made with other options of the method.")
        self.spot = None
        self.analysis = analysis
        if self.finding not in {p.finding for p in analysis.predictions}:
            striking = analysis.striking
            self.finding = striking.finding if striking else None

    def resume(self, read: Read, saved_at: datetime | None = None) -> None:
        """Take up a read of the case on screen.

        Raises
        ------
        IdentityMismatch
            It is a read of another case or with another model.
        """
        if self.case is None or read.study_instance_uid != self.case.study_instance_uid:
            raise IdentityMismatch("The read belongs to a case that is not on screen.")
        if read.model != self.model:
            raise IdentityMismatch("The read was made with another model.")
        self.read = read
        if saved_at is not None:
            self.saved_at = saved_at

    # what follows from it --------------------------------------------------------------------

    def select_finding(self, finding: str) -> None:
        """Show the map and the hot spots of another finding."""
        self.spot = None
        self.finding = finding

    @property
    def chosen_options(self) -> Options:
        """Of the method that explains now."""
        return self.options.get(self.method, {})

    @property
    def spots(self) -> tuple[HotSpot, ...]:
        """Hot spots of the selected finding, by rank."""
        if self.analysis is None or self.finding is None:
            return ()
        return self.analysis.spots_of(self.finding)

    @property
    def active_spot(self) -> HotSpot | None:
        """The hot spot that a verdict key would judge."""
        return next((spot for spot in self.spots if spot.id == self.spot), None)

    def step_spot(self, step: int) -> None:
        """Make the next (+1) or previous (-1) hot spot active, round and round."""
        ids = [spot.id for spot in self.spots]
        if ids:
            place = ids.index(self.spot) + step if self.spot in ids else min(step, 0)
            self.spot = ids[place % len(ids)]

    def verdict_on(self, spot: HotSpot) -> Verdict | None:
        """The reader's verdict on a hot spot of the image on screen."""
        if self.read is None or self.radiograph is None:
            return None
        return self.read.verdict_on(self.radiograph.identity, spot.id)

    @property
    def judged(self) -> int:
        """How many hot spots of the selected finding have a verdict."""
        return sum(self.verdict_on(spot) is not None for spot in self.spots)

    @property
    def locked(self) -> bool:
        """The read is signed: it can be looked at and amended."""
        return self.read is not None and self.read.state is not ReadState.DRAFT

    @property
    def signable(self) -> bool:
        """There is a draft that says something, or there is nothing to be said: no hot spot."""
        if self.read is None or self.analysis is None or self.locked:
            return False
        return bool(self.read.verdicts or self.read.comment or not self.analysis.hot_spots)


def _without_layer(chosen: Options) -> Options:
    return {name: value for name, value in chosen.items() if name != LAYER.name}
