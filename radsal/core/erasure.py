"""What erasing a region did to a model's answer, beside equal erasures elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from radsal.core.errors import KnownError
from radsal.core.geometry import Box
from radsal.core.identity import ImageIdentity, ModelIdentity

CLEAR = 0.05
"""At or below this p a change is called clear: an erasure elsewhere seldom does as much."""

CROWDED = 0.5
"""Above this share in common, two controls are hardly two."""


@dataclass(frozen=True, slots=True)
class FillIn:
    """One way to fill in a region.

    Attributes
    ----------
    in_distribution:
        Whether a radiograph could look like that.
    """

    name: str
    title: str
    in_distribution: bool = True


FILL_INS: Mapping[str, FillIn] = {
    way.name: way
    for way in (
        FillIn("diffusion", "Surrounding values"),
        FillIn("biharmonic", "Smoothest surface"),
        FillIn("patch", "Patch from nearby"),
        FillIn("blur", "Blurred"),
        FillIn("zero", "Darkest value", in_distribution=False),
    )
}
"""Every fill-in by its name; the first is the usual one."""

USUAL = next(iter(FILL_INS))


def fill_in_named(name: str) -> FillIn:
    """The fill-in of that name. Raises KnownError, naming those that there are."""
    if name not in FILL_INS:
        raise KnownError(
            f"there is no fill-in {name!r}",
            code="fill-in-unknown",
            remedy=f"There are: {', '.join(FILL_INS)}.",
        )
    return FILL_INS[name]


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer for one finding."""

    logit: float
    probability: float

    def __post_init__(self) -> None:
        if not isfinite(self.logit) or not 0 <= self.probability <= 1:
            raise ValueError("an answer is a finite logit and a probability")


@dataclass(frozen=True, slots=True)
class MapChange:
    """What became of the finding's map.

    Attributes
    ----------
    share_before, share_after:
        Share of the map's positive mass inside the region, 0 to 1; 0 for an empty map.
    correlation:
        Spearman's rank correlation of the two maps, or None where one is constant.
    """

    method: str
    share_before: float
    share_after: float
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """One region erased, and the model asked again.

    Attributes
    ----------
    box, area:
        The smallest box round the region, and its number of pixels.
    fill_in:
        What stands there instead, by name.
    before, after:
        The model's answer with the region and without it.
    kept:
        Its answer to the opposite: nothing but the region left, all else blurred.
    controls:
        Change of the logit for each control region, in the order in which they were drawn.
    asked:
        How many controls were asked for; fewer were run where the answer was clear before.
    overlap:
        Largest share of its box that a control has in common with another one.
    """

    image: ImageIdentity
    model: ModelIdentity
    device: str
    finding: str
    box: Box
    area: int
    fill_in: str
    before: Answer
    after: Answer
    kept: Answer
    controls: tuple[float, ...]
    asked: int
    seed: int
    overlap: float
    map_change: MapChange | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fill_in_named(self.fill_in)
        if not all(map(isfinite, self.controls)) or len(self.controls) > self.asked:
            raise ValueError("controls are finite changes of a logit, no more than were asked for")

    @property
    def in_distribution(self) -> bool:
        """Whether a radiograph could look like the fill-in."""
        return FILL_INS[self.fill_in].in_distribution

    @property
    def delta_logit(self) -> float:
        """Change of the logit: negative where the region spoke for the finding."""
        return self.after.logit - self.before.logit

    @property
    def as_strong(self) -> int:
        """Controls that lower the logit at least as much as the region does."""
        return sum(change <= self.delta_logit for change in self.controls)

    @property
    def p_value(self) -> float:
        """(1 + controls as strong) / (controls + 1), of the question whether the logit falls.

        Valid also where controls ended early after a fixed number of strong ones (Besag and
        Clifford, Biometrika 1991), whose own p is never larger than this one.
        """
        return (1 + self.as_strong) / (len(self.controls) + 1)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What weakens the comparison, a sentence each."""
        found = []
        if not self.in_distribution:
            found.append("No radiograph looks like this fill-in: the change may be its own doing.")
        if self.overlap > CROWDED:
            found.append("The region is large: its controls overlap and count for fewer.")
        return tuple(found)

    @property
    def sentence(self) -> str:
        """The result in plain words, with what it does not prove."""
        change = f"Logit {self.delta_logit:+.1f}".replace("-", "−")
        if not self.controls:
            return f"{change}; no control erasures were run, so it cannot be judged."
        count = len(self.controls)
        low, high = (f"{f(self.controls):+.1f}".replace("-", "−") for f in (min, max))
        beside = (
            f"{change}; {count} equal erasures elsewhere {low} to {high}, p = {self.p_value:.2g}."
        )
        if self.p_value <= CLEAR and self.delta_logit < 0:
            return f"{beside} The answer depends on this region. It does not say what else it depends on."
        return (
            f"{beside} Erasing this region does no more than erasing others. "
            "It does not prove that the region is without effect."
        )


def holm(p_values: tuple[float, ...]) -> tuple[float, ...]:
    """p-values corrected for their number (Holm, Scand. J. Statist. 1979), in the same order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, floor = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        floor = max(floor, min(1.0, p_values[i] * (len(p_values) - rank)))
        corrected[i] = floor
    return tuple(corrected)
