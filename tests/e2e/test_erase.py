"""A radiologist suspects the tag: erase it, run again, compare with equal erasures elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

TAG = (1060, 1120, 1380, 1600)  # round the ID tag of the film, by eye


def erase(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "radsal", "erase", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, env=dict(os.environ), check=False
    )


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_that_the_tag_is_what_the_shortcut_twin_looks_at_and_the_sound_twin_does_not(
    demo_films: list[Path], tmp_path: Path
) -> None:
    film = demo_films[1]
    with_mask = tmp_path / "tag.png"
    mask = np.zeros((1400, 1688), np.uint8)
    mask[TAG[0] : TAG[2], TAG[1] : TAG[3]] = 255
    Image.fromarray(mask).save(with_mask)

    common = ("--finding", "Opacity", "--controls", 19, "--json")
    by_box = erase(
        film, "--model", "demo-opacity-shortcut", "--box", ",".join(map(str, TAG)), *common
    )
    by_mask = erase(film, "--model", "demo-opacity-shortcut", "--mask", with_mask, *common)
    sound = erase(film, "--model", "demo-opacity", "--mask", with_mask, *common)
    assert (by_box.returncode, by_mask.returncode, sound.returncode) == (0, 0, 0), by_box.stderr
    suspected, again, other = (json.loads(r.stdout) for r in (by_box, by_mask, sound))

    assert suspected == again
    assert suspected["schema"] == "radsal.erasure/1"
    assert suspected["region"] == {"box": list(TAG), "area": 320 * 480}
    assert suspected["before"]["probability"] > 0.8
    assert suspected["after"]["probability"] < 0.2
    for document in (suspected, other):
        change = document["after"]["logit"] - document["before"]["logit"]
        assert document["delta_logit"] == pytest.approx(change)
        deltas = np.array(document["controls"]["delta_logits"])
        assert document["controls"]["n"] == len(deltas) == 19
        p = (1 + np.count_nonzero(deltas <= change)) / 20
        assert document["p_value"] == pytest.approx(p)
    assert suspected["p_value"] == 0.05
    assert "depends on this region" in suspected["sentence"]
    assert abs(other["delta_logit"]) < 0.2 * abs(suspected["delta_logit"])


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--box", "1,2,3"), 2, "R0,C0,R1,C1"),
        (("--box", "0,0,9000,10"), 1, "does not lie in"),
        ((), 2, "give --box or --mask"),
        (("--box", "0,0,9,9", "--fill-in", "magic"), 1, "no fill-in"),
        (("--box", "0,0,9,9", "--finding", "Gout"), 1, "cannot be asked for the finding"),
    ],
)
def test_that_what_cannot_be_erased_is_refused_with_the_reason(
    demo_films: list[Path], arguments: tuple[str, ...], status: int, words: str
) -> None:
    finding = () if "--finding" in arguments else ("--finding", "Opacity")
    done = erase(demo_films[1], "--model", "demo-opacity", *finding, *arguments)
    assert done.returncode == status
    assert words in " ".join(done.stderr.replace("│", " ").split())
