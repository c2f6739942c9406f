import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from radsal.exports import analysis_document, read_document, write_json, write_map
from radsal.exports.json_export import json_text


def test_that_an_analysis_is_written_as_the_contract_says(report, tmp_path):
    analysis = report.analyses[0]
    header = report.images[analysis.image]
    write_map(tmp_path / "m.npz", analysis.maps[0], (120, 160))
    with np.load(tmp_path / "m.npz") as file:
        digest = hashlib.sha256(file["map"].astype("<f4").tobytes()).hexdigest()
    document = analysis_document(header, analysis, {"Opacity": "m.npz"})
    ledger = dict.fromkeys(["lung", "outside_body", "text", "marker", "device", "border"])
    contour = [[20, 80], [20, 140], [60, 140], [60, 80], [20, 80]]  # (row, column)
    spots = [
        {
            "id": name,
            "finding": "Opacity",
            "method": "gradcam",
            "peak": [30.0, 90.5],
            "box": [20, 80, 60, 140],  # half open: 40 rows, 60 columns
            "contour": contour,
            "share": 0.75,
            "ledger": ledger,
            "suggestion": None,
        }
        for name in ("one", "two")
    ]
    assert json.loads(json_text(document)) == {
        "image": {
            "path": "1.dcm",
            "sop_instance_uid": "2.25.11",
            "frame": 1,
            "pixel_sha256": "1" * 64,
            "rows": 120,
            "columns": 160,
        },
        "model": {"id": "demo-opacity", "sha256": "0123456789abcdef" * 4},
        "device": "cpu",
        "method": "gradcam",
        "parameters": {"mass": 0.6, "findings": "all"},
        "cautions": [],
        "notes": ["Polarity was turned."],
        "predictions": [
            {
                "finding": "Opacity",
                "logit": 1.5,
                "probability": 0.8176,
                "operating_point": 0.5,
                "positive": True,
            },
            {
                "finding": "Effusion",
                "logit": -2.0,
                "probability": 0.1192,
                "operating_point": 0.4,
                "positive": False,
            },
        ],
        "maps": [
            {
                "finding": "Opacity",
                "method": "gradcam",
                "status": "ok",
                "reason": "",
                "grid": [6, 8],
                "file": "m.npz",
                "sha256": digest,
                "facts": {},
            },
            {
                "finding": "Effusion",
                "method": "gradcam",
                "status": "empty",
                "reason": "no cell speaks for it",
                "grid": [6, 8],
                "file": None,
                "sha256": hashlib.sha256(np.full(48, -1, "<f4").tobytes()).hexdigest(),
                "facts": {},
            },
        ],
        "hot_spots": spots,
    }


def test_that_a_read_is_written_with_what_was_judged_and_what_was_not(report):
    report.judge("one", note="ID tag „7“\nsecond line")
    document = json.loads(json_text(read_document(report.read, report.images, report.analyses)))
    assert document["schema"] == "radsal.read/1"
    assert "Not for diagnostic use" in document["notice"]
    assert document["case"]["patient_id"] == "SYN-0042"
    assert document["case"]["study_instance_uid"] == "2.25.2"
    assert document["model"]["sha256"] == report.read.model.sha256
    read = document["read"]
    assert (read["state"], read["revision"], read["reader"]) == ("draft", 3, "Dr. Weiß")
    assert read["started_at"] == "2026-03-01T12:30:15.250Z"
    assert read["signed_at"] is None
    (result,) = document["results"]
    assert [s["verdict"] for s in result["hot_spots"]] == [
        {
            "agreement": "disagree",
            "cause": "text",
            "note": "ID tag „7“\nsecond line",
            "given_at": "2026-03-01T12:30:15.250Z",
        },
        None,
    ]
    assert result["parameters"] == {"mass": 0.6, "findings": "all"}
    assert document["unjudged"] == 1


def test_that_a_document_is_utf_8_with_its_keys_in_order(tmp_path):
    write_json(tmp_path / "d.json", {"b": "Weiß 山", "a": 1})
    text = (tmp_path / "d.json").read_bytes().decode("utf-8")
    assert "Weiß 山" in text
    assert list(json.loads(text)) == ["b", "a"]


def test_that_a_file_name_that_is_no_text_comes_back_from_json(report, tmp_path):
    path = b"film-\xff.dcm".decode("utf-8", "surrogateescape")
    write_json(tmp_path / "d.json", {"path": path, "reader": "Weiß"})
    document = json.loads((tmp_path / "d.json").read_bytes())
    assert document == {"path": path, "reader": "Weiß"}


def test_that_a_terminal_without_umlauts_gets_a_document_that_says_the_same():
    text = json_text({"reader": "Weiß 𠮷"}, "ascii")
    assert text.isascii()
    assert json.loads(text) == {"reader": "Weiß 𠮷"}


def test_that_a_fact_about_a_finding_stands_with_its_map_and_is_null_where_it_is_no_number(report):
    facts = {"completeness_gap Opacity": 0.003, "completeness_gap Effusion": float("nan")}
    analysis = replace(report.analyses[0], parameters={"findings": "all", "steps": 50, **facts})
    document = json.loads(json_text(read_document(report.read, report.images, [analysis])))
    (result,) = document["results"]
    assert result["parameters"] == {"findings": "all", "steps": 50}
    assert [entry["facts"] for entry in result["maps"]] == [
        {"completeness_gap": 0.003},
        {"completeness_gap": None},
    ]


def test_that_a_hot_spot_that_two_analyses_hold_is_unjudged_once(report):
    report.analyses.append(report.analyses[0].only("Opacity"))
    report.judge("one")
    document = read_document(report.read, report.images, report.analyses)
    assert document["unjudged"] == 1


def test_that_not_a_number_is_never_written(report, tmp_path):
    analysis = replace(report.analyses[0], parameters={"gap": float("nan")})
    document = read_document(report.read, report.images, [analysis])
    with pytest.raises(ValueError, match="Out of range"):
        write_json(tmp_path / "d.json", document)
    assert list(tmp_path.iterdir()) == []
