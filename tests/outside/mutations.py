"""Damage done to files: to any byte, and to elements as a reader sees them.

Everything follows from one number: the same number and the same seeds make the same file.
"""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from .films import BIG, EXPLICIT, IMPLICIT, preamble
from .seeds import DEFLATED

NASTY = (
    *(b"", b"\0", b"0", b"-1", b"1e400", b"-1e-400", b"nan", b"inf", b"1\\2\\3", b"abc", b"\\"),
    *(b"1e30", b"  ", b"0.000\\0.000", b"-0.2\\0.2", b"MONOCHROME1", b"RGB", b"PALETTE COLOR"),
    *(
        b"YBR_FULL_422",
        b"INVERSE",
        b"SIGMOID",
        b"LINEAR_EXACT",
        b"ISO_IR 192",
        b"\\ISO 2022 IR 149",
    ),
    *(b"GB18030", b"01", b"00", b"\xff" * 8, b"\0" * 64, b"%s%n", b"../../etc/passwd", b"A" * 5000),
    *(
        b"1.2.840.10008.1.2.4.90",
        b"1.2.840.10008.1.2.1.99",
        b"\x1b$)C\xff",
        b"99999999999999999999",
    ),
    *(struct.pack("<H", n) for n in (1, 2, 3, 7, 8, 15, 16, 17, 32, 255, 256, 32767, 32768, 65535)),
    *(struct.pack("<3H", *three) for three in ((0, 0, 16), (256, 65535, 8), (1, 0, 0), (9, 9, 64))),
    *(struct.pack("<L", n) for n in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)),
)
VRS = (
    *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT", b"OB"),
    *(b"OD", b"OF", b"OL", b"OV", b"OW", b"PN", b"SH", b"SL", b"SQ", b"SS", b"ST", b"SV", b"TM"),
    *(b"UC", b"UI", b"UL", b"UN", b"UR", b"US", b"UT", b"UV", b"ZZ", b"\0\0", b"\xff\xff"),
)
LONG = (
    *(b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV"),
    b"UC",
    b"UN",
    b"UR",
    b"UT",
    b"UV",
)
LENGTHS = (0, 1, 2, 3, 7, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Element:
    """Where an element of the top level lies in a data set; ``end`` is that of its value."""

    start: int
    value: int
    end: int


@dataclass
class Body:
    """A file as its preamble and its data set, which is inflated where it was deflated."""

    head: bytes
    data: bytearray
    syntax: str

    @classmethod
    def of(cls, content: bytes) -> "Body | None":
        for syntax in (EXPLICIT, IMPLICIT, BIG, DEFLATED):
            head = preamble(syntax)
            if content.startswith(head):
                data = content[len(head) :]
                if syntax == DEFLATED:
                    data = _inflated(data)
                return cls(head, bytearray(data), syntax)
        return cls._of_any(content)

    @classmethod
    def _of_any(cls, content: bytes) -> "Body | None":
        """A preamble as encoders write it: its length stands in its first element."""
        if content[128:136] != b"DICM\x02\0\0\0":
            return None
        end = 144 + int.from_bytes(content[140:144], "little")
        return cls(content[:end], bytearray(content[end:]), EXPLICIT)

    @property
    def order(self) -> str:
        return ">" if self.syntax == BIG else "<"

    def whole(self) -> bytes:
        if self.syntax == DEFLATED:
            packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            return self.head + packer.compress(bytes(self.data)) + packer.flush()
        return self.head + bytes(self.data)

    def elements(self) -> list[Element]:
        """All of them, up to the first that cannot be followed."""
        found, at = [], 0
        while at + 8 <= len(self.data):
            value, length = at + 8, 0
            if self.syntax == IMPLICIT:
                length = struct.unpack_from("<L", self.data, at + 4)[0]
            elif bytes(self.data[at + 4 : at + 6]) in LONG:
                value = at + 12
                if value > len(self.data):
                    break
                length = struct.unpack_from(self.order + "L", self.data, at + 8)[0]
            else:
                length = struct.unpack_from(self.order + "H", self.data, at + 6)[0]
            end = len(self.data) if length == UNDEFINED else value + length
            if end > len(self.data):
                break
            found.append(Element(at, value, end))
            at = end
        return found


def _inflated(data: bytes) -> bytes:
    """As much as there is; nothing where it is damaged already."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, 1 << 20)
    except zlib.error:
        return b""


# bytes -------------------------------------------------------------------------------------------


def _place(content: bytes, dice: random.Random) -> int:
    """Anywhere, but more often near the beginning, where the headers are."""
    end = max(len(content), 1)
    return min(dice.randrange(end), dice.choice((end, end, 1200, 300)))


def flip(content: bytes, dice: random.Random, _: list[bytes]) -> bytes:
    raw = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 8, 60))):
        at = _place(raw, dice)
        raw[at : at + 1] = bytes([raw[at] ^ 1 << dice.randrange(8)]) if at < len(raw) else b""
    return bytes(raw)


def overwrite(content: bytes, dice: random.Random, _: list[bytes]) -> bytes:
    at, patch = _place(content, dice), dice.choice((*NASTY, dice.randbytes(dice.randint(1, 40))))
    return content[:at] + patch + content[at + len(patch) :]


def insert(content: bytes, dice: random.Random, _: list[bytes]) -> bytes:
    at, patch = _place(content, dice), dice.choice((*NASTY, dice.randbytes(dice.randint(1, 40))))
    return content[:at] + patch + content[at:]


def remove(content: bytes, dice: random.Random, _: list[bytes]) -> bytes:
    at = _place(content, dice)
    return content[:at] + content[at + dice.choice((1, 2, 3, 8, 100, 1000)) :]


def repeat(content: bytes, dice: random.Random, _: list[bytes]) -> bytes:
    at = _place(content, dice)
    piece = content[at : at + dice.choice((1, 8, 64, 512))]
    return content[:at] + piece * dice.choice((2, 3, 50)) + content[at + len(piece) :]


def cut(content: bytes, dice: random.Random, _: list[bytes]) -> bytes:
    return content[: _place(content, dice)]


def splice(content: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    other = dice.choice(others)
    return content[: _place(content, dice)] + other[_place(other, dice) :]


# elements ----------------------------------------------------------------------------------------


def on_elements(
    change: Callable[[Body, list[Element], random.Random], None],
) -> Callable[[bytes, random.Random, list[bytes]], bytes]:
    """A mutation of the data set; what has none is flipped instead."""

    def mutated(content: bytes, dice: random.Random, others: list[bytes]) -> bytes:
        body = Body.of(content)
        found = body.elements() if body is not None else []
        if body is None or not found:
            return flip(content, dice, others)
        change(body, found, dice)
        return body.whole()

    mutated.__name__ = change.__name__
    return mutated


@on_elements
def element_deleted(body: Body, found: list[Element], dice: random.Random) -> None:
    for element in sorted(
        dice.sample(found, min(len(found), dice.choice((1, 1, 3)))), key=lambda e: -e.start
    ):
        del body.data[element.start : element.end]


@on_elements
def element_repeated(body: Body, found: list[Element], dice: random.Random) -> None:
    element, place = dice.choice(found), dice.choice(found)
    piece = body.data[element.start : element.end]
    body.data[place.start : place.start] = piece * dice.choice((1, 1, 20))


@on_elements
def element_moved(body: Body, found: list[Element], dice: random.Random) -> None:
    element, place = dice.choice(found), dice.choice(found)
    piece = body.data[element.start : element.end]
    if place.start <= element.start:
        del body.data[element.start : element.end]
        body.data[place.start : place.start] = piece


@on_elements
def element_renamed(body: Body, found: list[Element], dice: random.Random) -> None:
    at, other = dice.choice(found).start, dice.choice(found).start
    body.data[at : at + 4] = dice.choice((bytes(body.data[other : other + 4]), dice.randbytes(4)))


@on_elements
def vr_changed(body: Body, found: list[Element], dice: random.Random) -> None:
    at = dice.choice(found).start
    body.data[at + 4 : at + 6] = dice.choice(VRS)


@on_elements
def length_lied(body: Body, found: list[Element], dice: random.Random) -> None:
    element = dice.choice(found)
    length = dice.choice((*LENGTHS, element.end - element.value + dice.choice((-2, -1, 1, 2))))
    short = body.syntax != IMPLICIT and element.value - element.start == 8
    at, form = (element.start + 6, "H") if short else (element.value - 4, "L")
    most = 0xFFFF if short else UNDEFINED
    struct.pack_into(body.order + form, body.data, at, max(0, min(length, most)))


@on_elements
def value_replaced(body: Body, found: list[Element], dice: random.Random) -> None:
    """By one of the nasty ones, its length being right."""
    for element in sorted(
        dice.sample(found, min(len(found), dice.choice((1, 1, 2, 4)))), key=lambda e: -e.start
    ):
        value = dice.choice((*NASTY, dice.randbytes(dice.randint(0, 20))))
        value += b" " * (len(value) % 2)
        short = body.syntax != IMPLICIT and element.value - element.start == 8
        at, form = (element.start + 6, "H") if short else (element.value - 4, "L")
        struct.pack_into(body.order + form, body.data, at, len(value))
        body.data[element.value : element.end] = value


@on_elements
def number_replaced(body: Body, found: list[Element], dice: random.Random) -> None:
    """Numbers of two bytes: rows, bits, samples."""
    numbers = [e for e in found if e.end - e.value == 2] or found
    for element in dice.sample(numbers, min(len(numbers), dice.choice((1, 1, 2)))):
        value = dice.choice((0, 1, 2, 3, 7, 8, 9, 12, 15, 16, 17, 24, 32, 64, 255, 8192, 65535))
        body.data[element.value : element.value + 2] = struct.pack(body.order + "H", value)


@on_elements
def sequences_nested(body: Body, found: list[Element], dice: random.Random) -> None:
    """A sequence in a sequence in a sequence; of undefined length, and never closed."""
    at, depth = dice.choice(found).start, dice.choice((1, 3, 20, 100, 2000))
    tag = dice.choice((b"\x28\0\0\x30", b"\x28\0\x10\x30", b"\x09\0\x10\x10", b"\x08\0\x40\x11"))
    explicit = body.syntax != IMPLICIT
    head = tag + (b"SQ\0\0" if explicit else b"") + b"\xff\xff\xff\xff"
    nest = (head + b"\xfe\xff\0\xe0\xff\xff\xff\xff") * depth
    closed = (b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0") * depth
    body.data[at:at] = nest + (closed if dice.random() < 0.6 else b"")


def codestream_damaged(content: bytes, dice: random.Random, others: list[bytes]) -> bytes:
    """In the pixel data, near its beginning: fragments, and what a decoder reads first."""
    at = content.rfind(b"\xe0\x7f\x10\x00")
    if at < 0:
        return flip(content, dice, others)
    head, raw = content[: at + 12], bytearray(content[at + 12 :])
    for _ in range(dice.choice((1, 1, 2, 3, 8)) if raw else 0):
        place = dice.randrange(max(1, min(len(raw), dice.choice((60, 150, 400, 100_000)))))
        piece = bytes(raw[place : place + dice.choice((1, 2, 20, 200))])
        kept = dice.choice((1, 1, 1, 2, 2, 4, len(piece), 0))
        new = dice.choice((b"\0\0", b"\xff\xff", b"\x80\0", b"\x7f\xff\xff\xff", dice.randbytes(2)))
        raw[place : place + kept] = {len(piece): b"", 0: piece}.get(kept, new[:kept])
    return head + bytes(raw)


MUTATIONS = (
    *(flip, overwrite, insert, remove, repeat, cut, splice),
    *(element_deleted, element_repeated, element_moved, element_renamed, vr_changed, length_lied),
    *(value_replaced, number_replaced, sequences_nested, codestream_damaged, codestream_damaged),
)


@dataclass(frozen=True)
class Mutant:
    """A damaged file, and how it came to be."""

    number: int
    seed: str
    steps: tuple[str, ...]
    content: bytes

    @property
    def recipe(self) -> str:
        return f"number {self.number}: {self.seed}, {', '.join(self.steps)}"


def mutant(number: int, whole: dict[str, bytes]) -> Mutant:
    """File ``number``: one whole file after the other, each damaged once to three times."""
    dice = random.Random(number)
    names = sorted(whole)
    name, others = names[number % len(names)], list(whole.values())
    content, steps = whole[name], []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        step = dice.choice(MUTATIONS)
        content = step(content, dice, others)
        steps.append(step.__name__)
    return Mutant(number, name, tuple(steps), content)
