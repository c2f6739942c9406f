"""The radiographs of the shared data folder through the commands, as the folder's README says.

What a header states comes from dcmdump, decoded pixels from DCMTK's decoders.
"""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from radsal.cli import main

from .pictures import levels

pytestmark = pytest.mark.real_data
Tool = Callable[[str], str]
Documents = dict[str, dict[str, Any]]

CHESTS = (
    *("chest_NIH_DX_1.3.6.1.4.1.11129", "chest_RG1_J2KI", "chest_gdcm_CR-MONO1-10"),
    *("chest_highdicom_dx_thorax_169x211", "chest_pseudoPHI_0_ORIGINAL_RLE"),
    "cr_ModalityLUTSequence_JPLL",
)
CODINGS = {
    "UNC": "1.2.840.10008.1.2.1",
    "J2KR": "1.2.840.10008.1.2.4.90",
    "J2KI": "1.2.840.10008.1.2.4.91",
    "JLSL": "1.2.840.10008.1.2.4.80",
    "JPLL": "1.2.840.10008.1.2.4.70",
    "RLE": "1.2.840.10008.1.2.5",
    "JPLY": "1.2.840.10008.1.2.4.51",
}
EDGES = (
    *("modality_lut_seq_mlut_18", "ts_JPEG-LL", "ts_MR_small_bigendian"),
    *("ts_image_dfl_deflated", "voi_lut_seq_vlut_04"),
)
OPENED = (
    *(f"{name}.dcm" for name in CHESTS),
    *(f"syntax/RG3_{coding}.dcm" for coding in CODINGS),
    *(f"edge/{name}.dcm" for name in EDGES),
)
REFUSED = {
    "boxes.json": "not-dicom",
    "edge/bad_JPEG2000_embedded_delim.dcm": "corrupt",
    "edge/bad_no_meta.dcm": "no-transfer-syntax",
    "edge/bad_no_meta_tsyntax.dcm": "no-transfer-syntax",
    "edge/bad_truncated_MR.dcm": "truncated",
    "edge/sr_nonimage.dcm": "no-image",
}
DECODERS = {
    "1.2.840.10008.1.2": ["dcmconv", "+te"],
    "1.2.840.10008.1.2.1": ["dcmconv", "+te"],
    "1.2.840.10008.1.2.2": ["dcmconv", "+te"],
    "1.2.840.10008.1.2.1.99": ["dcmconv", "+te"],
    "1.2.840.10008.1.2.5": ["dcmdrle"],
    "1.2.840.10008.1.2.4.70": ["dcmdjpeg"],
    "1.2.840.10008.1.2.4.80": ["dcmdjpls"],
}
STATED = {
    "0002,0010": "transfer_syntax",
    "0008,0018": "sop_instance_uid",
    "0008,0060": "modality",
    "0028,0004": "photometric",
    "0028,0010": "rows",
    "0028,0011": "columns",
    "0028,0101": "bits_stored",
}


@pytest.fixture(scope="module")
def described(shared_data: Path) -> Documents:
    """``radsal info --json`` of the whole folder, by path below it."""
    folder = shared_data / "dicom"
    with pytest.MonkeyPatch.context() as patch:
        told: list[str] = []
        patch.setattr(
            "radsal.cli.info.print_json", lambda document: told.append(json.dumps(document))
        )
        assert main.run(["info", str(folder), "--json"], lambda paths: 99) == 1
    document = json.loads(told[0])
    found = {Path(f["path"]).relative_to(folder).as_posix(): f for f in document["files"]}
    assert len(found) == len(document["files"]) == document["opened"] + document["refused"]
    assert document["opened"] == len(OPENED)
    return found


def dump(dcmtk: Tool, path: Path) -> dict[str, str]:
    """Values that a header states, by tag."""
    asked = [word for tag in (*STATED, "0028,0103") for word in ("+P", tag)]
    told = subprocess.run(
        [dcmtk("dcmdump"), "-q", "-Un", *asked, path], capture_output=True, text=True, check=True
    )
    lines = re.findall(r"^\((\w{4},\w{4})\) \w\w \[?(.*?)\]? *#", told.stdout, re.MULTILINE)
    return dict(lines)


def test_that_every_file_is_opened_or_refused_as_the_readme_says(
    shared_data: Path, described: Documents
) -> None:
    folder = shared_data / "dicom"
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(described) == there == {*OPENED, *REFUSED}
    assert {n: f["code"] for n, f in described.items() if f["status"] == "refused"} == REFUSED
    for name in REFUSED:
        assert described[name]["reason"].endswith(".")
        assert described[name]["pixel_sha256"] is None


@pytest.mark.parametrize("name", OPENED)
def test_that_what_is_opened_states_what_dcmdump_reads(
    shared_data: Path, described: Documents, dcmtk: Tool, name: str
) -> None:
    stated = dump(dcmtk, shared_data / "dicom" / name)
    assert set(STATED) <= set(stated)
    assert {tag: str(described[name][key]) for tag, key in STATED.items()} == {
        tag: stated[tag] for tag in STATED
    }
    assert described[name]["frames"] == 1


@pytest.mark.parametrize("name", OPENED)
def test_that_pixels_that_dcmtk_decodes_have_the_same_hash(
    shared_data: Path, described: Documents, dcmtk: Tool, name: str, tmp_path: Path
) -> None:
    said = described[name]
    if said["transfer_syntax"] not in DECODERS:
        assert said["transfer_syntax"] in [CODINGS[c] for c in ("J2KR", "J2KI", "JPLY")]
        return
    path, plain = shared_data / "dicom" / name, tmp_path / "plain.dcm"
    tool, *options = DECODERS[said["transfer_syntax"]]
    subprocess.run([dcmtk(tool), "-q", *options, path, plain], check=True, timeout=60)
    subprocess.run([dcmtk("dcmdump"), "-q", "+W", tmp_path, plain], check=True, capture_output=True)
    (raw,) = tmp_path.glob("*.raw")
    stated = dump(dcmtk, path)
    wide, signed = raw.stat().st_size >= 2 * said["rows"] * said["columns"], stated["0028,0103"]
    values = np.fromfile(raw, "<u2" if wide else "u1")[: said["rows"] * said["columns"]]
    kind = np.dtype(("<i" if signed == "1" else "<u") + ("2" if wide else "1"))
    unused = kind.itemsize * 8 - said["bits_stored"]
    values = (values << unused).view(kind) >> unused
    text = f"{said['rows']}x{said['columns']}:{kind.str}:".encode()
    assert said["pixel_sha256"] == hashlib.sha256(text + values.tobytes()).hexdigest()


def test_that_the_seven_codings_of_one_film_are_what_the_readme_says(described: Documents) -> None:
    by_coding = {coding: described[f"syntax/RG3_{coding}.dcm"] for coding in CODINGS}
    assert {c: f["transfer_syntax"] for c, f in by_coding.items()} == CODINGS
    plain = by_coding["UNC"]["pixel_sha256"]
    same = {c for c, film in by_coding.items() if film["pixel_sha256"] == plain}
    assert same == {"UNC", "J2KR", "JLSL", "JPLL", "RLE"}
    assert {c for c, film in by_coding.items() if film["lossy"]} == {"J2KI", "JPLY"}
    for film in by_coding.values():
        assert (film["rows"], film["columns"], film["bits_stored"]) == (1760, 1760, 10)
        assert film["photometric"] == "MONOCHROME1"
        assert film["orientation"] == ["R", "F"]


def test_that_millimetres_are_given_where_the_file_has_them_and_say_their_basis(
    described: Documents,
) -> None:
    spacing = {name: described[name]["spacing"] for name in OPENED}
    none = {"row_mm": None, "column_mm": None, "basis": "pixels-only"}
    assert spacing["chest_RG1_J2KI.dcm"] == none  # Pixel Spacing 0.000
    assert spacing["chest_gdcm_CR-MONO1-10.dcm"] == none
    for name, mm in (
        ("chest_pseudoPHI_0_ORIGINAL_RLE", 0.2),
        ("cr_ModalityLUTSequence_JPLL", 0.15),
    ):
        detector = {"row_mm": mm, "column_mm": mm, "basis": "detector-plane"}
        assert spacing[f"{name}.dcm"] == detector


@pytest.mark.parametrize("name", OPENED)
def test_that_what_is_opened_is_drawn_and_not_in_one_gray(
    radsal: Callable[..., int], shared_data: Path, described: Documents, name: str, tmp_path: Path
) -> None:
    out = tmp_path / "film.png"
    assert radsal("render", shared_data / "dicom" / name, "--out", out) == 0
    shown = levels(out)
    assert shown.shape == (described[name]["rows"], described[name]["columns"])
    assert np.unique(shown).size > 20


@pytest.mark.parametrize("name", REFUSED)
def test_that_what_is_refused_is_not_drawn(
    radsal: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    shared_data: Path,
    name: str,
    tmp_path: Path,
) -> None:
    out = tmp_path / "film.png"
    assert radsal("render", shared_data / "dicom" / name, "--out", out) == 1
    assert not out.exists()
    assert capsys.readouterr().err.startswith(f"{REFUSED[name]}: ")
