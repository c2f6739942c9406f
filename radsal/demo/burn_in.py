"""Text burned into the pixels after exposure: ID tag, L/R marker, position text.

Fonts are those that pip packages carry: Pillow's default and the Vera family in ReportLab.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from radsal.demo.grid import Floats, Mask
from radsal.demo.identity import Identity

TagKind = Literal["id", "marker", "position"]
TAG_KINDS: tuple[TagKind, ...] = ("id", "marker", "position")
_FONTS = ("default", "Vera.ttf", "VeraBd.ttf", "Vera.ttf", "VeraBd.ttf")
_POSITIONS = (
    "PORTABLE",
    "AP PORTABLE",
    "SEMI-UPRIGHT\nPORTABLE",
    "AP\nSUPINE",
    "AP ERECT",
    "Semi-Upright\nPortable",
    "AP\nPORTABLE\nSITTING",
)


@dataclass(frozen=True)
class Tag:
    """One burned-in text; ``box`` is ``(r0, c0, r1, c1)`` in pixels, half open."""

    kind: TagKind
    text: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Stamp:
    """What a tag does to the pixels in its box: ``value`` shows with opacity ``alpha`` (both 0-1)."""

    tag: Tag
    value: Floats
    alpha: Floats

    def mask(self, shape: tuple[int, int]) -> Mask:
        """Pixels that the tag may change, bool of ``shape``."""
        whole = np.zeros(shape, dtype=bool)
        r0, c0, r1, c1 = self.tag.box
        whole[r0:r1, c0:c1] = self.alpha > 0
        return whole


@dataclass(frozen=True)
class Wanted:
    """Which tags a radiograph carries."""

    id_tag: bool
    marker: bool
    position_text: bool


def make_stamps(
    wanted: Wanted, identity: Identity, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[Stamp, ...]:
    """Draw the tags, each in its own corner or along its own edge.

    Every kind has its own random stream, so that one tag's look does not depend on whether another
    is there.
    """
    streams: list[np.random.Generator] = list(rng.spawn(4))
    corners = [str(corner) for corner in streams[3].permutation(["tl", "tr", "bl", "br"])]
    if corners[0] in ("bl", "br") and streams[3].random() < 0.45:
        corners[0], corners[3] = corners[3], corners[0]
    made = (
        _id_stamp(identity, shape, corners[0], streams[0]) if wanted.id_tag else None,
        _marker_stamp(shape, corners[:1], streams[1]) if wanted.marker else None,
        _position_stamp(shape, corners[0], streams[2]) if wanted.position_text else None,
    )
    return tuple(stamp for stamp in made if stamp is not None)


def stamped(image: Floats, stamps: Sequence[Stamp]) -> Floats:
    """A copy of the 0-1 image with the tags burned in."""
    result = image.copy()
    for stamp in stamps:
        r0, c0, r1, c1 = stamp.tag.box
        under = result[r0:r1, c0:c1]
        result[r0:r1, c0:c1] = under + stamp.alpha * (stamp.value - under)
    return result


@lru_cache(maxsize=256)
def _font(name: str, size: int) -> FreeTypeFont:
    if name == "default":
        font = ImageFont.load_default(size=size)
        if not isinstance(font, FreeTypeFont):
            raise RuntimeError("Pillow was built without FreeType")
        return font
    return ImageFont.truetype(str(files("reportlab") / "fonts" / name), size)


def id_text(identity: Identity, style: int) -> str:
    """The words of an ID tag in one of four hospitals' habits."""
    born, seen = identity.birth_date, identity.study_date
    name = f"{identity.family} {identity.given}"
    return (
        f"{name} [{identity.sex}] {seen:%m.%d.%Y}\nDOB: {born:%m.%d.%Y}",
        f"{identity.family}, {identity.given.title()}\n{identity.patient_id}  {born:%d.%m.%Y}",
        f"{name}\nDOB {born:%Y-%m-%d} {identity.sex}\nID {identity.patient_id}\n{seen:%Y-%m-%d} {identity.accession}",
        f"{identity.patient_id}\n{name}\n* {born:%d/%m/%Y}  {identity.age}Y {identity.sex}",
    )[style]


def _text_alpha(text: str, font: FreeTypeFont, align: str, pad: int) -> Floats:
    """The text's coverage, 0-1, cropped to the ink and ``pad`` pixels around it."""
    probe = ImageDraw.Draw(Image.new("L", (1, 1)))
    box = probe.multiline_textbbox((0, 0), text, font=font, align=align)
    size = (int(box[2] - box[0]) + 2 * pad + 2, int(box[3] - box[1]) + 2 * pad + 2)
    canvas = Image.new("L", size, 0)
    origin = (pad + 1 - box[0], pad + 1 - box[1])
    ImageDraw.Draw(canvas).multiline_text(origin, text, fill=255, font=font, align=align)
    return np.asarray(np.asarray(canvas) / 255, dtype=np.float32)


def _place(
    kind: TagKind,
    text: str,
    value: Floats,
    alpha: Floats,
    at: tuple[int, int],
    shape: tuple[int, int],
) -> Stamp:
    """Cut the tag to the image and to its own ink."""
    rows, columns = min(alpha.shape[0], shape[0]), min(alpha.shape[1], shape[1])
    r0 = int(np.clip(at[0], 0, shape[0] - rows))
    c0 = int(np.clip(at[1], 0, shape[1] - columns))
    ink = np.argwhere(alpha[:rows, :columns] > 0)
    (a, b), (c, d) = ink.min(axis=0), ink.max(axis=0) + 1
    box = (r0 + int(a), c0 + int(b), r0 + int(c), c0 + int(d))
    return Stamp(Tag(kind, text, box), value[a:c, b:d], alpha[a:c, b:d])


def _corner_position(
    corner: str, size: tuple[int, int], shape: tuple[int, int], inset: tuple[float, float]
) -> tuple[int, int]:
    down, across = int(inset[0] * shape[0]), int(inset[1] * shape[1])
    row = down if corner[0] == "t" else shape[0] - size[0] - down
    column = across if corner[1] == "l" else shape[1] - size[1] - across
    return row, column


def _id_stamp(
    identity: Identity, shape: tuple[int, int], corner: str, rng: np.random.Generator
) -> Stamp:
    """Name, date of birth and number: white letters, often in a dark box over bright parts."""
    text = id_text(identity, int(rng.integers(4)))
    size = max(int(shape[0] * rng.uniform(0.019, 0.034)), 6)
    font = _font(str(rng.choice(_FONTS)), size)
    boxed = rng.random() < (0.3 if corner[0] == "t" else 0.75)
    ink = _text_alpha(
        text, font, "left" if corner[1] == "l" else "right", size // 2 if boxed else 0
    )
    white = np.float32(rng.uniform(0.93, 1.0))
    value, alpha = (white * ink, np.ones_like(ink)) if boxed else (np.full_like(ink, white), ink)
    inset = (rng.uniform(0.005, 0.035), rng.uniform(0.005, 0.035))
    at = _corner_position(corner, ink.shape, shape, inset)
    return _place("id", text, value, alpha, at, shape)


def _marker_stamp(shape: tuple[int, int], taken: Sequence[str], rng: np.random.Generator) -> Stamp:
    """L on the image's right or R on its left, sometimes ringed, initialled and slightly askew."""
    side = str(rng.choice(["l", "r"]))
    if "t" + side in taken:
        side = "l" if side == "r" else "r"
    letter = "R" if side == "l" else "L"
    size = max(int(shape[0] * rng.uniform(0.028, 0.05)), 9)
    ink = _letter(letter, size, ringed=rng.random() < 0.4, initials=rng.random() < 0.3, rng=rng)
    value = np.full_like(ink, rng.uniform(0.94, 1.0))
    at = _corner_position(
        "t" + side, ink.shape, shape, (rng.uniform(0.03, 0.15), rng.uniform(0.02, 0.06))
    )
    return _place("marker", letter, value, ink, at, shape)


def _letter(
    letter: str, size: int, *, ringed: bool, initials: bool, rng: np.random.Generator
) -> Floats:
    """A lead letter: drawn large, turned, reduced."""
    scale, edge = 3, 3 * size * 2
    canvas = Image.new("L", (edge, edge), 0)
    draw = ImageDraw.Draw(canvas)
    middle = (edge / 2, edge / 2)
    draw.text(middle, letter, fill=255, font=_font("VeraBd.ttf", size * scale), anchor="mm")
    if ringed:
        reach = 0.78 * size * scale
        box = (middle[0] - reach, middle[1] - reach, middle[0] + reach, middle[1] + reach)
        draw.ellipse(box, outline=255, width=max(size * scale // 9, 3))
    elif initials:
        below = (middle[0], middle[1] + 0.75 * size * scale)
        word = "".join(rng.choice(list("ABCDEJKMST"), 2))
        draw.text(below, word, fill=255, font=_font("VeraBd.ttf", size), anchor="mm")
    askew = canvas.rotate(float(rng.normal(0, 7)), resample=Image.Resampling.BICUBIC)
    small = askew.resize((edge // scale, edge // scale), Image.Resampling.BOX)
    return np.asarray(np.asarray(small) / 255, dtype=np.float32)


def _position_stamp(shape: tuple[int, int], taken: str, rng: np.random.Generator) -> Stamp:
    """How the patient was placed: 'PORTABLE', 'SEMI-UPRIGHT' and the like."""
    text = str(rng.choice(_POSITIONS))
    corner = str(rng.choice([c for c in ("tl", "tr", "bl", "br") if c != taken]))
    size = max(int(shape[0] * rng.uniform(0.017, 0.03)), 6)
    ink = _text_alpha(text, _font(str(rng.choice(_FONTS)), size), "center", 0)
    value = np.full_like(ink, rng.uniform(0.93, 1.0))
    inset = (
        rng.uniform(0.01, 0.05) if corner[0] == "b" else rng.uniform(0.27, 0.36),
        rng.uniform(0.01, 0.04),
    )
    at = _corner_position(corner, ink.shape, shape, inset)
    return _place("position", text, value, ink, at, shape)
