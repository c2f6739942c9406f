"""A folder as they come: films in every coding, what is no film, what is damaged, links, names."""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .archives import HOSTILE, zipped
from .films import EXPLICIT, INSTANCE, STUDY, Writer, preamble
from .seeds import DEFLATED, deflated, pictures, seeds

OK = "ok"
NAMES = (
    *(
        "film.dcm",
        "no extension",
        "Ünïcode – 胸部.dcm",
        "[red]b[/red].dcm",
        "'quoted' \"twice\".dcm",
    ),
    os.fsdecode(b"latin \xe9.dcm"),
    *("a\nnew line.dcm", " leading and trailing .dcm", "%s%d.dcm", "--json", "x" * 200 + ".dcm"),
)


@dataclass
class Folder:
    """What was made: what becomes of each file, by its path.

    ``late``: the header is fine, and only its pixels show that the file must be refused.
    ``repeated``: holds an SOP instance of another file of the folder.
    """

    top: Path
    expected: dict[Path, str] = field(default_factory=dict)
    late: set[Path] = field(default_factory=set)
    repeated: set[Path] = field(default_factory=set)
    exams: set[bytes] = field(default_factory=set)

    def put(self, name: str, content: bytes, code: str) -> Path:
        """In a folder, or a folder in a folder, of its own kind of depth."""
        number = len(self.expected)
        path = self.top.joinpath(*["deeper"] * (number % 4), f"exam {number % 7}", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.expected[path] = code
        return path


def numbered(content: bytes, number: int) -> bytes:
    """The same film as another SOP instance; three of them make an exam."""
    instance = b"2.25.%d" % (70000000 + number)
    study = b"2.25.%d" % (80000000 + number // 3)
    if content.startswith(preamble(DEFLATED)):
        body = zlib.decompress(content[len(preamble(DEFLATED)) :], -zlib.MAX_WBITS)
        return deflated(numbered(preamble(EXPLICIT) + body, number))
    return content.replace(INSTANCE, instance).replace(STUDY, study)


def exam_of(number: int) -> bytes:
    return b"2.25.%d" % (80000000 + number // 3)


def mixed_folder(top: Path, number: int) -> Folder:
    """``number`` files in all, those that are skipped not counted."""
    top.mkdir()
    images = pictures()
    whole = {name: c for name, c in seeds(top.parent).items() if name not in images}
    made, names = Folder(top), sorted(whole)
    for place, (kind, content, code) in enumerate(_strange(whole)):
        path = made.put(f"{place:03} {kind}", numbered(content, 9100 + place), code)
        if kind == "other columns":
            made.late.add(path)
    _linked(made, whole)
    _archived(made, whole)
    for name, content in images.items():
        made.put(name, content, OK)
        path = made.put(f"cut {name}", content[: len(content) * 2 // 3], "truncated")
        if name == "gray.jpg":  # of the others a scan sees the pixels
            made.late.add(path)
    good = 0
    while len(made.expected) < number - 40:
        name = NAMES[good] if good < len(NAMES) else f"{good:04}"
        made.put(name, numbered(whole[names[good % len(names)]], good), OK)
        made.exams.add(exam_of(good))
        good += 1
    for place in range(number - len(made.expected)):
        again = numbered(whole[names[place % len(names)]], place)
        made.repeated.add(made.put(f"again {place}.dcm", again, OK))
    _skipped(top, whole["explicit"])
    return made


def _linked(made: Folder, whole: dict[str, bytes]) -> None:
    """Links: to a film, to nothing, to the folder itself; and a pipe that nobody writes to."""
    film = made.put("of a link.dcm", numbered(whole["explicit"], 9001), OK)
    made.exams.add(exam_of(9001))
    link = made.top / "link.dcm"
    link.symlink_to(film)
    made.expected[link] = OK
    made.repeated.add(link)
    (made.top / "to nothing").symlink_to(made.top / "gone")
    made.expected[made.top / "to nothing"] = "unreadable"
    (made.top / "exam 0" / "loop").symlink_to(made.top)
    os.mkfifo(made.top / "pipe")
    made.expected[made.top / "pipe"] = "unreadable"


def _archived(made: Folder, whole: dict[str, bytes]) -> None:
    """A ZIP archive is a folder: what it holds, whole and not, and a name that leads out of it."""
    films = {f"{n:02}.dcm": numbered(whole[name], 9600 + n) for n, name in enumerate(whole)}
    made.exams |= {exam_of(9600 + number) for number in range(len(films))}
    held = {name: (content, OK) for name, content in films.items()} | {
        "letter.txt": (b"This is no film.", "not-dicom"),
        "deeper/empty.dcm": (b"", "empty"),
        "deeper/cut.dcm": (whole["explicit"][:-100], "truncated"),
        "deeper/more.zip": (zipped({"film.dcm": whole["explicit"]}), "unsupported-archive"),
    }
    archive = made.top / "films.zip"
    hidden = {".hidden/film.dcm": whole["explicit"], "DICOMDIR": b"index"}
    outside = dict.fromkeys(HOSTILE, whole["explicit"])
    archive.write_bytes(zipped({name: c for name, (c, _) in held.items()} | hidden | outside))
    made.expected |= {archive / name: code for name, (_, code) in held.items()}
    made.expected |= {archive / shown: "outside" for shown in HOSTILE.values()}
    (made.top / "empty.zip").write_bytes(zipped({}))
    made.expected[made.top / "empty.zip"] = "empty"
    (made.top / "broken.zip").write_bytes(zipped(films)[:-30])
    made.expected[made.top / "broken.zip"] = "corrupt"


def _skipped(top: Path, film: bytes) -> None:
    """What is not met inside of folders: whatever is hidden, and the index of a medium."""
    (top / ".hidden").mkdir()
    (top / ".hidden" / "film.dcm").write_bytes(film)
    (top / ".film.dcm").write_bytes(film)
    (top / "exam 1" / "DICOMDIR").write_bytes(b"index")


# what is refused ---------------------------------------------------------------------------------


def _strange(whole: dict[str, bytes]) -> Iterator[tuple[str, bytes, str]]:
    """Kind, content and code of files that are no whole films, ten to forty of each."""
    plain, packed = whole["explicit"], whole["jpeg-ls"]
    for step in range(40):
        yield "letter.txt", f"Letter {step}: this is no film.\n".encode() * (step + 1), "not-dicom"
        yield "cut in its pixels", plain[: -1 - 100 * step], "truncated"
    for step in range(20):
        yield "empty.dcm", b"", "empty"
        yield "cut in its header", plain[: 230 + 11 * step], "truncated"
        yield "cut in its codestream", packed[: -20 - 200 * step], "truncated"
        yield "zeros", bytes(200 + step), "not-dicom"
    for _ in range(15):
        yield "report", _report(), "no-image"
        yield "no meta", plain[len(preamble(EXPLICIT)) :], "no-transfer-syntax"
        yield "no syntax", _no_syntax(plain), "no-transfer-syntax"
        yield "video", _named(plain, "1.2.840.10008.1.2.4.100"), "unsupported-syntax"
        yield "rows lie", _number(plain, 0x0010, 65), "corrupt"
        yield "no exam", _without(plain, 0x0020, 0x000D), "corrupt"
        yield "other columns", _number(packed, 0x0011, 32), "corrupt"
        yield "high bit", _number(plain, 0x0102, 9), "corrupt"
        yield "32 bits", _number(plain, 0x0100, 32), "unsupported-pixels"
        yield "huge", _number(_number(packed, 0x0010, 65535), 0x0011, 65535), "too-large"


def _at(content: bytes, group: int, element: int) -> int:
    return content.index(struct.pack("<HH", group, element), 132)


def _number(content: bytes, element: int, value: int) -> bytes:
    """With another US in group 0028 (explicit VR)."""
    at = _at(content, 0x0028, element) + 8
    return content[:at] + struct.pack("<H", value) + content[at + 2 :]


def _without(content: bytes, group: int, element: int) -> bytes:
    at = _at(content, group, element)
    return content[:at] + content[at + 8 + int.from_bytes(content[at + 6 : at + 8], "little") :]


def _named(content: bytes, syntax: str) -> bytes:
    return preamble(syntax) + content[len(preamble(EXPLICIT)) :]


def _no_syntax(content: bytes) -> bytes:
    version = Writer(EXPLICIT).element((0x0002, 0x0001), "OB", b"\0\1")
    size = Writer(EXPLICIT).element((0x0002, 0x0000), "UL", struct.pack("<L", len(version)))
    return bytes(128) + b"DICM" + size + version + content[len(preamble(EXPLICIT)) :]


def _report() -> bytes:
    """A Basic Text SR: it has no pixels."""
    writer = Writer(EXPLICIT)
    said: tuple[tuple[tuple[int, int], str, bytes], ...] = (
        ((0x0008, 0x0016), "UI", b"1.2.840.10008.5.1.4.1.1.88.11"),
        ((0x0008, 0x0018), "UI", b"2.25.1"),
        ((0x0008, 0x0060), "CS", b"SR"),
        ((0x0020, 0x000D), "UI", b"2.25.2"),
        ((0x0040, 0xA040), "CS", b"CONTAINER"),
    )
    return preamble(EXPLICIT) + b"".join(writer.element(*element) for element in said)
