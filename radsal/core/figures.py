"""How figures are written for people, in every view and every export alike."""


def percent(value: float) -> str:
    """A share of one as a whole percentage: ``94%``; never 0% or 100% unless it is exactly that."""
    whole = round(value * 100)
    if whole == 0 and value > 0:
        return "<1%"
    if whole == 100 and value < 1:
        return ">99%"
    return f"{whole}%"
