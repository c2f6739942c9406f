"""What an erasure says: figures, corrected p-values and the sentence."""

import pytest

from radsal.core.erasure import Answer, Erasure, holm
from radsal.core.geometry import Box
from radsal.core.identity import ImageIdentity, ModelIdentity


def erasure(after: float, controls: tuple[float, ...]) -> Erasure:
    return Erasure(
        image=ImageIdentity("1.2.3", 1, "a" * 64),
        model=ModelIdentity("m", "b" * 64),
        device="cpu",
        finding="Opacity",
        box=Box(0, 0, 4, 4),
        area=16,
        fill_in="diffusion",
        before=Answer(2.0, 0.88),
        after=Answer(after, 0.5),
        kept=Answer(0.0, 0.5),
        controls=controls,
        asked=len(controls),
        seed=0,
        overlap=0.0,
    )


def test_that_p_counts_the_region_itself_and_controls_that_do_as_much() -> None:
    assert erasure(-2.0, (-0.5,) * 99).p_value == 0.01
    assert erasure(-2.0, (-4.0, -5.0, *(0.1,) * 17)).p_value == pytest.approx(3 / 20)
    assert erasure(-2.0, (-4.0, *(0.1,) * 18)).p_value == pytest.approx(2 / 20)  # a tie counts


def test_that_the_sentence_says_what_is_not_proven() -> None:
    clear = erasure(-2.0, (-0.4, 0.5) * 50).sentence
    assert clear.startswith("Logit −4.0; 100 equal erasures elsewhere −0.4 to +0.5, p = 0.0099.")
    assert "It does not say what else it depends on." in clear
    assert "does not prove" in erasure(1.9, (-0.4, 0.5) * 50).sentence
    assert "cannot be judged" in erasure(-2.0, ()).sentence


def test_that_a_rise_of_the_logit_is_never_called_dependence() -> None:
    assert "depends on this region" not in erasure(9.0, (8.0,) * 99).sentence


def test_that_holm_corrects_as_his_paper_does() -> None:
    """0.01, 0.04, 0.03, 0.005 of four hypotheses: times 4, 3, 2, 1 in order, never falling."""
    assert holm((0.01, 0.04, 0.03, 0.005)) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm((0.6, 0.7)) == (1.0, 1.0)
    assert holm(()) == ()
