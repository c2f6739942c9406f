"""The colours of a theme, and how well they stand out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    background, panel, raised, hover, line:
        Grounds from the furthest to the nearest, and the line between them.
    text, secondary, faint:
        Text, its quieter companion, and hints. ``faint`` is for hints only.
    accent, on_accent:
        What is active, and text on a filled area of that colour.
    amber, red, green:
        Judgement or warning, fault, success: always beside a word or a sign, never alone.
    """

    name: str
    background: str
    panel: str
    raised: str
    hover: str
    line: str
    text: str
    secondary: str
    faint: str
    accent: str
    on_accent: str
    amber: str
    red: str
    green: str
    image: str = "#000000"


DARK = Tokens(
    name="dark",
    background="#101214",
    panel="#16191c",
    raised="#1d2125",
    hover="#23282d",
    line="#2a2f34",
    text="#e6e9ec",
    secondary="#98a1a9",
    faint="#69727a",
    accent="#5ab0f2",
    on_accent="#0b1117",
    amber="#f0b14a",
    red="#ef7d6d",
    green="#6cc79a",
)

LIGHT = Tokens(
    name="light",
    background="#e4e7ea",
    panel="#f3f5f6",
    raised="#ffffff",
    hover="#e9edf0",
    line="#c6ccd2",
    text="#15191d",
    secondary="#4d5861",
    faint="#77828b",
    accent="#0b62ad",
    on_accent="#ffffff",
    amber="#7f4f00",
    red="#aa2a1a",
    green="#17663f",
)

HIGH_CONTRAST = Tokens(
    name="high-contrast",
    background="#000000",
    panel="#000000",
    raised="#0a0a0a",
    hover="#1f1f1f",
    line="#8a8a8a",
    text="#ffffff",
    secondary="#d6d6d6",
    faint="#a8a8a8",
    accent="#6cc4ff",
    on_accent="#000000",
    amber="#ffc14d",
    red="#ff9a8a",
    green="#7fe3b0",
)

THEMES = {tokens.name: tokens for tokens in (DARK, LIGHT, HIGH_CONTRAST)}


def mix(colour: str, ground: str, share: float) -> str:
    """``share`` of one colour over a ground: a tint that is still one opaque token."""
    parts = zip(_rgb(colour), _rgb(ground), strict=True)
    return "#" + "".join(f"{round(c * share + g * (1 - share)):02x}" for c, g in parts)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in _rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
