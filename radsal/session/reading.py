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
from radsal.core.results import Analysis, HotSpot, Prediction, SaliencyMap
from radsal.review.case import Case
from radsal.review.read import Read, ReadState, Verdict
from radsal.saliency.catalogue import (
    LAYER,
    asked_of,
    chosen_of,
    explains_at_once,
    takes_long,
    tells,
)
from radsal.saliency.options import Options
from radsal.session.asking import Asking


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
    predictions:
        Of ``radiograph`` by ``model``; they stay while another method or finding is asked for.
    analysis:
        Of ``radiograph`` by ``model`` and ``method`` with its options, None until there is one.
        By a method that explains one finding at a time it has the map of one: perhaps not of the
        selected one.
    preview:
        A coarser analysis of the selected finding on the way to ``analysis``: without hot spots,
        to be looked at and not to be judged.
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
    predictions: tuple[Prediction, ...] = ()
    analysis: Analysis | None = None
    preview: Analysis | None = None
    finding: str | None = None
    spot: str | None = None
    read: Read | None = None
    saved_at: datetime | None = None

    def __post_init__(self) -> None:
        self.asking = Asking()  # of the map of ``finding`` by ``method``; it has events of its own

    # what the reader chose -------------------------------------------------------------------

    def choose(self, case: Case | None, header: ImageHeader | None = None, frame: int = 1) -> None:
        """Leave the image on screen and wait for another; nothing of the old one stays."""
        another_case = case is not self.case
        self._forget_answers()
        self.radiograph = self.refusal = None
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
        self._forget_answers()
        self.read = self.saved_at = None
        self.options = {name: _without_layer(chosen) for name, chosen in self.options.items()}
        self.model = model

    def choose_method(self, method: str) -> None:
        """Explain by another method from now on; the old one's maps leave the screen."""
        if method != self.method:
            self.spot = self.analysis = self.preview = None
            self.asking.end()
            self.method = method

    def select_finding(self, finding: str | None) -> None:
        """Show the map and the hot spots of another finding."""
        self.spot = None
        if finding != self.finding and not self.explains_at_once:  # what is on its way is not of it
            self.preview = None
            self.asking.end()
        self.finding = finding

    def _forget_answers(self) -> None:
        self.spot = self.finding = self.analysis = self.preview = None
        self.predictions = ()
        self.asking.end()

    def choose_options(self, options: Options) -> None:
        """Explain with these options of the method from now on, and its defaults for the others.

        The old maps leave the screen.

        Raises
        ------
        KnownError
            An option that the method does not know, or a value that is not possible.
        """
        self.take_options({**self.options, self.method: chosen_of(self.method, options)})

    def take_options(self, options: Mapping[str, Options]) -> None:
        """Explain with these options of each method; maps by others leave the screen."""
        if options.get(self.method, {}) != self.chosen_options:
            self.spot = self.analysis = self.preview = None
            self.asking.end()
        self.options = options

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
        self._check_map(analysis)
        self.spot = self.preview = None
        self.analysis = analysis
        self.asking.end()
        self._take_predictions(analysis)

    def show_preview(self, preview: Analysis) -> None:
        """Show a coarser map until the one that was asked for arrives.

        Raises
        ------
        IdentityMismatch
            It belongs to another image, model, method or finding.
        """
        self._check_map(preview)
        if self.finding is None or preview.map_of(self.finding) is None:
            raise IdentityMismatch("The preview belongs to a finding that is not selected.")
        self.preview = preview
        self._take_predictions(preview)

    def predict(self, analysis: Analysis) -> None:
        """Show the predictions of an analysis by whatever method: they depend on none.

        Raises
        ------
        IdentityMismatch
            They belong to another image or model.
        """
        self._check_predictions(analysis)
        self._take_predictions(analysis)

    def drop_preview(self) -> None:
        """What it was to become will not come."""
        self.preview = None

    def _check_predictions(self, analysis: Analysis) -> None:
        if self.radiograph is None or analysis.image != self.radiograph.identity:
            raise IdentityMismatch("The analysis belongs to an image that is not on screen.")
        if analysis.model != self.model:
            raise IdentityMismatch("The analysis was made by another model.")

    def _check_map(self, analysis: Analysis) -> None:
        self._check_predictions(analysis)
        if analysis.method != self.method:
            raise IdentityMismatch("The analysis was made by another method.")
        if not tells(analysis.parameters, asked_of(self.method, self.chosen_options)):
            raise IdentityMismatch("The analysis was made with other options of the method.")

    def _take_predictions(self, analysis: Analysis) -> None:
        self.predictions = analysis.predictions
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

    @property
    def explains_at_once(self) -> bool:
        """The method explains all findings together; else one, when it is looked at."""
        return explains_at_once(self.method)

    @property
    def takes_long(self) -> bool:
        """The reader waits for the method's map."""
        return takes_long(self.method)

    @property
    def asks(self) -> bool:
        """Its maps come from the model."""
        return True

    @property
    def saliency(self) -> SaliencyMap | None:
        """The map of the selected finding, which may be judged."""
        return _map_of(self.analysis, self.finding)

    @property
    def shown_saliency(self) -> SaliencyMap | None:
        """What there is to look at of the selected finding: its map, or else the preview's."""
        return self.saliency or _map_of(self.preview, self.finding)

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

    @property
    def spot_at_hand(self) -> HotSpot | None:
        """The active hot spot, or else the first: what is tried where none was chosen."""
        return self.active_spot or next(iter(self.spots), None)

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


def _map_of(analysis: Analysis | None, finding: str | None) -> SaliencyMap | None:
    return None if analysis is None or finding is None else analysis.map_of(finding)
