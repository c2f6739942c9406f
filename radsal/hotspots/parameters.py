"""The parameters of the rule that cuts a map into hot spots."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class HotSpotParameters:
    """See :mod:`radsal.hotspots.find` for the rule.

    Attributes
    ----------
    mass:
        Share of the map's positive mass that the highest values together hold, 0 to 1.
    minimum_share:
        A region with a smaller share of the positive mass is left out.
    working_size:
        Working pixels along the longer side of the map's grid, at least.
    most:
        At most this many regions, those with the largest shares.
    most_points:
        At most this many points in a contour.
    """

    mass: float = 0.6
    minimum_share: float = 0.02
    working_size: int = 91
    most: int = 32
    most_points: int = 400

    def __post_init__(self) -> None:
        if not 0 < self.mass < 1 or not 0 <= self.minimum_share < 1:
            raise ValueError("mass lies between 0 and 1, minimum share from 0 to below 1")
        if not 16 <= self.working_size <= 4096 or self.most < 1 or self.most_points < 16:
            raise ValueError("impossible working size, count of regions or of points")

    def plain(self) -> dict[str, float | int | str | bool]:
        """As plain values, for :attr:`radsal.core.results.Analysis.parameters`."""
        return {each.name: getattr(self, each.name) for each in fields(self)}
