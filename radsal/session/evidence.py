"""What was tried on the hot spots: erased, and the model asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.erasure import USUAL, Erasure
from radsal.core.errors import IdentityMismatch
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import HotSpot
from radsal.session.asking import Asking


@dataclass(frozen=True, slots=True)
class Trial:
    """A hot spot that is erased, of which image, for which model and by which fill-in."""

    image: ImageIdentity
    model: ModelIdentity
    spot: HotSpot
    fill_in: str

    @property
    def key(self) -> tuple[str, str]:
        """A hot spot's id belongs to one image, model, finding and map."""
        return self.spot.id, self.fill_in


@dataclass(eq=False)
class Evidence:
    """Erasures by hot spot and fill-in; ``asking`` is about the one that runs.

    Attributes
    ----------
    erasures:
        What was found, as long as the program runs; going back to a case finds it again.
    fill_in:
        What the next erasure puts in the hot spot's place.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    erasures: Mapping[tuple[str, str], Erasure] = field(default_factory=dict)
    fill_in: str = USUAL

    def __post_init__(self) -> None:
        self.asking = Asking()  # of the erasure that runs

    def keep(self, trial: Trial, erasure: Erasure) -> None:
        """An erasure is there.

        Raises
        ------
        IdentityMismatch
            It belongs to another image, model, finding or fill-in than the trial's.
        """
        wanted = trial.image, trial.model, trial.spot.finding, trial.fill_in
        if (erasure.image, erasure.model, erasure.finding, erasure.fill_in) != wanted:
            raise IdentityMismatch("The erasure belongs to another image, model or finding.")
        self.erasures = {**self.erasures, trial.key: erasure}

    def of(self, spot: HotSpot) -> Erasure | None:
        """What is known of a hot spot with the fill-in that is chosen."""
        return self.erasures.get((spot.id, self.fill_in))
