"""The description of a single file names every stage with the file's own figures."""

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from radsal.cli.info import info


def lut(first: int, bits: int, entries: int, explanation: str) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [entries, first, bits])
    item.add_new("LUTData", "OW", np.arange(entries, dtype="<u2").tobytes())
    item.LUTExplanation = explanation
    return item


def described(path, capsys) -> dict[str, str]:
    assert info([path], as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    return {line[:18].strip(): line[18:].strip() for line in lines}


def test_that_one_file_is_described_stage_by_stage(engines, new_film, capsys):
    path = new_film(
        RescaleSlope="-2",
        RescaleIntercept="4095",
        WindowCenter=["2000", "900"],
        WindowWidth=["1000", "50"],
        WindowCenterWidthExplanation=["SOFT", "HARD"],
        VOILUTFunction="SIGMOID",
        VOILUTSequence=Sequence([lut(5, 12, 1024, "CHEST")]),
        PresentationLUTShape="INVERSE",
        PixelPaddingValue=0,
        PatientOrientation=["L", "F"],
        PixelSpacing=["0.4", "0.2"],
        ViewPosition="PA",
        BurnedInAnnotation="YES",
    )
    said = described(path, capsys)
    assert said["patient"] == "SYNTH^ANNA"
    assert said["stored values"] == "12 bits unsigned, 0 to 599"
    assert said["modality stage"] == "value × -2 + 4095"
    assert said["VOI 1"].startswith("CHEST: LUT, 1,024 entries of 12 bits, from 5 to 1028")
    assert said["VOI 1"].endswith("(default)")
    assert said["VOI 2"] == "SOFT: center 2000, width 1000, SIGMOID"
    assert said["VOI 3"] == "HARD: center 900, width 50, SIGMOID"
    assert said["polarity"] == "low values are white"
    assert said["padding"] == "0"
    assert said["spacing"] == "0.4 × 0.2 mm, detector-plane"
    assert said["orientation"] == "L\\F"
    assert said["laterality, view"] == "not stated, PA"
    assert said["badges"] == "burned-in annotation"
    assert "1.2.840.10008.1.2.1" in said["transfer syntax"]


def test_that_what_the_file_does_not_state_is_said_and_not_invented(engines, new_film, capsys):
    said = described(new_film(), capsys)
    assert said["VOI"] == "none stated: automatic window"
    assert said["orientation"] == "not stated"
    assert said["spacing"] == "pixels-only"
    assert said["badges"] == "none"
    assert "padding" not in said
    assert "shutter" not in said


def test_that_several_files_are_a_table(engines, new_film, capsys):
    new_film("a.dcm", 1)
    path = new_film("b.dcm", 2)
    assert info([path.parent], as_json=False) == 0
    told = capsys.readouterr().out
    assert "2 opened, 0 refused" in told
    assert "modality stage" not in told
