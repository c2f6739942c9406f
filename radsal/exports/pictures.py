"""A film with its heatmap, numbered contours and the legend that says what the colours mean."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from radsal.core.colormaps import table
from radsal.core.results import HotSpot, MapStatus, SaliencyMap
from radsal.core.rules import DisplayRule
from radsal.exports.fonts import drawable, typeface
from radsal.saliency.catalogue import title_of

LONGEST = 1400
RULE = DisplayRule()  # every picture and report follows this one: what two of them show compares
_SPOT = (255, 255, 255)
_ACTIVE = (255, 196, 0)
_DARK = (16, 18, 22)
_LIGHT = (225, 228, 232)


def overlay_picture(
    pixels: NDArray[np.uint8],
    saliency: SaliencyMap | None,
    spots: Sequence[HotSpot],
    *,
    image_shape: tuple[int, int] | None = None,
    colormap: str = "inferno",
    opacity: float = 0.45,
    threshold: float = 0.25,
    active: str | None = None,
    longest: int = LONGEST,
) -> Image.Image:
    """Lay a map and its hot spots over a film, with the legend below it.

    Parameters as in :func:`marked_film`.

    Returns
    -------
    An RGB picture. An empty or failed map leaves the film as it is, and the legend says so; with
    no map there is no legend.
    """
    film = marked_film(
        pixels,
        saliency,
        spots,
        image_shape=image_shape,
        colormap=colormap,
        opacity=opacity,
        threshold=threshold,
        active=active,
        longest=longest,
    )
    if saliency is None:
        return film
    return _with_legend(film, legend_text(saliency, threshold), colormap, saliency.status)


def marked_film(
    pixels: NDArray[np.uint8],
    saliency: SaliencyMap | None,
    spots: Sequence[HotSpot],
    *,
    image_shape: tuple[int, int] | None = None,
    colormap: str = "inferno",
    opacity: float = 0.45,
    threshold: float = 0.25,
    active: str | None = None,
    longest: int = LONGEST,
    marks: float = 1.0,
) -> Image.Image:
    """Lay a map and its hot spots over a film.

    Parameters
    ----------
    pixels:
        uint8, (rows, columns) or, in colour, (rows, columns, 3): the displayed film, of the whole
        image at any resolution, in true proportions (see :func:`in_proportion`).
    saliency:
        The map, None for contours alone.
    spots:
        Contours to draw, numbered by rank.
    image_shape:
        (rows, columns) of the image in which map and contours are given; the shape of ``pixels``
        where not given.
    colormap, opacity:
        See :mod:`radsal.core.colormaps`; opacity 0 to 1.
    threshold:
        The heatmap is drawn where the map is at or above this share of its maximum.
    active:
        Id of a hot spot to draw in another colour.
    longest:
        Pixels of the longer side of the film; smaller films are not enlarged.
    marks:
        Size of lines and numbers against the usual.

    Returns
    -------
    An RGB picture of the film.
    """
    film = _shrunk(pixels, longest)
    shape = image_shape or pixels.shape
    height, width = film.shape[:2]
    scale = (height / shape[0], width / shape[1])
    colours = film if film.ndim == 3 else np.repeat(film[:, :, None], 3, axis=2)
    if saliency is not None and saliency.status is MapStatus.OK:
        values = _at_picture(saliency, (height, width), scale)
        colours = _tinted(colours, values, table(colormap), opacity, threshold)
    picture = Image.fromarray(colours)
    _draw_contours(picture, spots, scale, active, marks)
    return picture


def in_proportion(pixels: NDArray[np.uint8], aspect: float) -> NDArray[np.uint8]:
    """A film whose pixels are ``aspect`` times as high as wide, made of square ones.

    The longer side of a pixel is drawn out, so that nothing is lost.
    """
    rows, columns = pixels.shape[:2]
    size = round(columns * max(1.0, 1 / aspect)), round(rows * max(1.0, aspect))
    if size == (columns, rows):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def _shrunk(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    rows, columns = pixels.shape[:2]
    factor = longest / max(rows, columns)
    if factor >= 1:
        return np.asarray(pixels, dtype=np.uint8)
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _at_picture(
    saliency: SaliencyMap, shape: tuple[int, int], scale: tuple[float, float]
) -> NDArray[np.float32]:
    """The map at the centre of every pixel of the picture, as a share of the map's maximum."""
    rows = (np.arange(shape[0]) + 0.5) / scale[0]
    columns = (np.arange(shape[1]) + 0.5) / scale[1]
    values = saliency.mapping.sample(saliency.values, rows, columns)
    return np.asarray(values / saliency.values.max(), dtype=np.float32)


def _tinted(
    colours: NDArray[np.uint8],
    shares: NDArray[np.float32],
    colour_table: NDArray[np.uint8],
    opacity: float,
    threshold: float,
) -> NDArray[np.uint8]:
    shown = (shares > 0) & (shares >= threshold)
    tint = colour_table[np.clip(shares * 255, 0, 255).astype(np.uint8)]
    weight = (opacity * shown)[:, :, None]
    return np.asarray(np.rint(colours * (1 - weight) + tint * weight), dtype=np.uint8)


def _draw_contours(
    picture: Image.Image,
    spots: Sequence[HotSpot],
    scale: tuple[float, float],
    active: str | None,
    marks: float,
) -> None:
    draw = ImageDraw.Draw(picture)
    unit = marks * max(picture.size) / 850
    font = typeface(max(10, 15 * unit), bold=True)
    for spot in spots:
        colour = _ACTIVE if spot.id == active else _SPOT
        line = [(c * scale[1], r * scale[0]) for r, c in spot.contour.tolist()]
        draw.line(line, fill=_DARK, width=max(3, round(4 * unit)), joint="curve")
        draw.line(line, fill=colour, width=max(1, round(1.8 * unit)), joint="curve")
    for spot in spots:  # numbers lie above all lines
        colour = _ACTIVE if spot.id == active else _SPOT
        place = (spot.box.c1 * scale[1], spot.box.r0 * scale[0])
        _draw_number(draw, picture.size, place, str(spot.rank), font, colour)


def _draw_number(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    corner: tuple[float, float],
    number: str,
    font: ImageFont.FreeTypeFont,
    colour: tuple[int, int, int],
) -> None:
    """A disc with a number at the corner of a hot spot's box, kept inside the picture."""
    left, top, right, bottom = draw.textbbox((0, 0), number, font=font, anchor="mm")
    radius = max(right - left, bottom - top) / 2 + 4
    x = min(max(corner[0], radius), size[0] - radius)
    y = min(max(corner[1], radius), size[1] - radius)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_DARK, outline=colour)
    draw.text((x, y), number, fill=colour, font=font, anchor="mm")


def legend_text(saliency: SaliencyMap, threshold: float) -> str:
    """Finding, method, native grid and the rule of the display, in one line."""
    grid = f"grid {saliency.grid[0]} × {saliency.grid[1]}"
    what = f"{saliency.finding} · {title_of(saliency.method)} · {grid}"
    if saliency.status is not MapStatus.OK:
        return f"{what} · map {saliency.status.value}: {saliency.reason or 'nothing to show'}"
    (rule,) = RULE.applied(saliency).words
    return f"{what} · {rule} · shown from {threshold:.0%} of it"


def _with_legend(picture: Image.Image, text: str, colormap: str, status: MapStatus) -> Image.Image:
    """The picture with a strip below: the text, and the colour bar from 0 to 100 %."""
    width = picture.width
    size = max(9.0, width / 46)
    font = typeface(size)
    line = round(size * 1.5)
    lines = _wrapped(drawable(text), font, width - line)
    bar = line * 2 if status is MapStatus.OK else 0
    sheet = Image.new("RGB", (width, picture.height + line * len(lines) + bar + line), _DARK)
    sheet.paste(picture)
    draw = ImageDraw.Draw(sheet)
    y = picture.height + line / 2
    for part in lines:
        draw.text((line / 2, y), part, fill=_LIGHT, font=font)
        y += line
    if bar:
        _draw_bar(sheet, draw, round(y), line, colormap, font)
    return sheet


def _wrapped(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room:
            lines[-1] = longer
            continue
        lines.append("")
        for letter in word:  # a word that is wider than the picture goes on in the next line
            if lines[-1] and font.getlength(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return [line for line in lines if line]


def _draw_bar(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    y: int,
    line: int,
    colormap: str,
    font: ImageFont.FreeTypeFont,
) -> None:
    room = sheet.width - line
    steps = table(colormap)[np.linspace(0, 255, room).astype(np.uint8)]
    strip = np.repeat(steps[None], max(4, line // 2), axis=0)
    sheet.paste(Image.fromarray(strip), (line // 2, y))
    below = y + max(4, line // 2) + 2
    draw.text((line / 2, below), "0", fill=_LIGHT, font=font)
    draw.text(
        (sheet.width - line / 2, below), "100 % of maximum", fill=_LIGHT, font=font, anchor="ra"
    )
