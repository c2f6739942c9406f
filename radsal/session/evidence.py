"""What was tried on the hot spots: erased, and the model asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.erasure import Erasure
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
    """Erasures by hot spot and fill-in, and the one that runs.

    Attributes
    ----------
    erasures:
        What was found, as long as the program runs; going back to a case finds it again.
    trial:
        What is erased now, None while nothing is.
    fill_in:
        What the next erasure puts in the hot spot's place.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    erasures: Mapping[tuple[str, str], Erasure] = field(default_factory=dict)
    trial: Trial | None = None
    fill_in: str = "diffusion"

    def __post_init__(self) -> None:
        self.asking = Asking()  # of the erasure that runs

    def begin(self, trial: Trial) -> None:
        """An erasure runs from now on."""
        self.trial = trial
        self.asking.begin(f"Erasing hot spot {trial.spot.rank}")

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
        self.end()

    def end(self, why: str = "") -> None:
        """Nothing is erased any more; ``why`` where it came to no result."""
        self.trial = None
        self.asking.end(why)

    def of(self, spot: HotSpot) -> Erasure | None:
        """What is known of a hot spot with the fill-in that is chosen."""
        return self.erasures.get((spot.id, self.fill_in))
