"""The demo cases that ship with RadSal: ``python -m radsal.demo.cases OUT`` writes them again."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from radsal.demo.dicom_files import write_phantom
from radsal.demo.phantom import Phantom, make_phantom


@dataclass(frozen=True)
class DemoCase:
    """How one bundled file is made."""

    name: str
    seed: int
    opacity: str | None
    id_tag: bool
    marker: bool
    position_text: bool
    monochrome1: bool
    rows: int = 1400

    def phantom(self) -> Phantom:
        """The case's radiograph and its truth."""
        return make_phantom(
            self.seed,
            rows=self.rows,
            opacity=self.opacity,
            id_tag=self.id_tag,
            marker=self.marker,
            position_text=self.position_text,
        )


#: Normals and findings, each with and without the tag, half of them MONOCHROME1.
DEMO_CASES: tuple[DemoCase, ...] = (
    DemoCase("01-normal", 900_001, None, False, True, False, False),
    DemoCase("02-normal-id-tag", 900_002, None, True, True, False, True),
    DemoCase("03-normal-id-tag-portable", 900_003, None, True, True, True, False),
    DemoCase("04-consolidation-id-tag", 900_004, "consolidation", True, True, False, True),
    DemoCase("05-consolidation", 900_005, "consolidation", False, True, True, False),
    DemoCase("06-effusion-id-tag", 900_006, "effusion", True, True, True, True),
    DemoCase("07-effusion", 900_007, "effusion", False, True, False, False),
    DemoCase("08-nodule", 900_008, "nodule", False, True, False, True),
)


def write_cases(folder: Path, cases: Sequence[DemoCase] = DEMO_CASES) -> Iterator[Path]:
    """Write the cases into ``folder`` one after the other, yielding each file."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        path = folder / f"{case.name}.dcm"
        yield write_phantom(case.phantom(), path, monochrome1=case.monochrome1)


def main(arguments: Sequence[str]) -> int:
    """Command line: one argument, the folder to write to."""
    if len(arguments) != 1:
        print("usage: python -m radsal.demo.cases OUT", file=sys.stderr)
        return 2
    for path in write_cases(Path(arguments[0])):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
