"""What a card says of a hot spot: its share, its size, and how fine the grid is."""

from radsal.app.widgets.words import area
from radsal.core.figures import percent
from radsal.core.radiograph import PixelSpacing
from radsal.core.results import HotSpot, SaliencyMap
from radsal.review.read import Verdict
from radsal.review.vocabulary import Agreement


def share_text(spot: HotSpot) -> str:
    """``61% of the map``: of its positive mass."""
    return f"{percent(spot.share)} of the map"


def size_text(spot: HotSpot, saliency: SaliencyMap | None, spacing: PixelSpacing) -> str:
    """``24 cm² detector plane · ±29 mm grid``."""
    parts = [area(spot.area, spacing)]
    if saliency is not None:
        parts.append(f"{uncertainty(saliency, spacing)} grid")
    return " · ".join(parts)


def uncertainty(saliency: SaliencyMap, spacing: PixelSpacing) -> str:
    """Half a cell of the native grid, along its longer side: a map cannot say where in a cell."""
    rows, columns = saliency.mapping.row_scale / 2, saliency.mapping.column_scale / 2
    if spacing.row_mm is None or spacing.column_mm is None:
        return f"±{max(rows, columns):.0f} px"
    half = max(rows * spacing.row_mm, columns * spacing.column_mm)
    return f"±{half:.0f} mm" if half >= 2 else f"±{half:.1f} mm"


def verdict_text(verdict: Verdict | None) -> str:
    """``text · disagree``, or that there is none."""
    if verdict is None:
        return "not judged"
    if verdict.cause is None:
        return "cannot assess"
    return f"{verdict.cause.words} · {verdict.agreement.value}"


def possible(verdict: Verdict | None) -> tuple[Agreement, ...]:
    """The agreements that the rules of a verdict allow with its cause."""
    if verdict is None or verdict.cause is None:
        return ()
    if verdict.cause.value == "finding":
        return Agreement.AGREE, Agreement.PARTLY, Agreement.DISAGREE
    return Agreement.PARTLY, Agreement.DISAGREE
