"""The keys in words: for the sheet in the window and for the README."""

from radsal.app.actions.table import ACTIONS, HIDDEN, VERDICT_KEYS
from radsal.review.vocabulary import MEANINGS

MENUS = {"file": "File", "view": "View", "map": "Map", "read": "Read", "help": "Help"}

MOUSE = (
    ("Left drag", "window: width sideways, center up and down (or the chosen tool)"),
    ("Middle drag", "move the image"),
    ("Right drag", "zoom"),
    ("Wheel", "zoom at the pointer"),
    ("Shift and wheel", "next or previous frame"),
    ("Double click", "fit"),
    ("Click on a contour", "make that hot spot active"),
)

DIGITS = ("1 … 9", "window preset; while a hot spot is active, its verdict")


def keys_of(menu: str) -> list[tuple[str, str]]:
    """(keys, text) of each action of a menu that has keys, digits last."""
    lines = [
        (", ".join(row.keys), row.text.rstrip("…"))
        for row in ACTIONS
        if row.menu == menu and row.keys and row.id not in HIDDEN
    ]
    return [*lines, DIGITS] if menu == "read" else lines


def verdict_keys() -> list[tuple[str, str]]:
    """(digit, verdict and its meaning) of the digits while a hot spot is active."""
    return [
        (str(digit), f"{cause.words}: {MEANINGS[cause]}" if cause else "cannot be assessed")
        for digit, cause in enumerate(VERDICT_KEYS, start=1)
    ]


def markdown() -> str:
    """The README's two tables."""
    lines = ["| key | does |", "| --- | --- |"]
    for menu in MENUS:
        lines += [f"| {_quoted(key)} | {text} |" for key, text in keys_of(menu)]
    lines += ["", "| digit | verdict on the active hot spot |", "| --- | --- |"]
    lines += [f"| `{digit}` | {text} |" for digit, text in verdict_keys()]
    return "\n".join(lines)


def _quoted(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split(", "))
