"""Progress of long work, as yielded by the generators of ``workflow`` and by worker jobs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of long work: each yield is a progress point and a place to cancel.

    ``total`` is 0 where the amount of work is not known.
    """

    done: int
    total: int
    what: str = ""

    def __post_init__(self) -> None:
        if self.done < 0 or self.total < 0 or (self.total and self.done > self.total):
            raise ValueError(f"impossible progress: {self.done} of {self.total}")

    @property
    def fraction(self) -> float | None:
        """Share done, 0 to 1, or None where the total is unknown."""
        return self.done / self.total if self.total else None
