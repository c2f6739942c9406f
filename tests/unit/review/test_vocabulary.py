import pytest

from radsal.review.vocabulary import MEANINGS, Agreement, Cause, usual_agreement


def test_that_the_words_of_a_verdict_are_those_of_the_design():
    assert [a.value for a in Agreement] == ["agree", "partly", "disagree", "cannot-assess"]
    assert [c.value for c in Cause] == [
        "finding",
        "other-anatomy",
        "text",
        "marker",
        "device",
        "border",
        "other-artifact",
        "noise",
    ]


@pytest.mark.parametrize("cause", Cause)
def test_that_a_reader_sees_the_word_that_is_stored(cause):
    assert cause.words == cause.value.replace("-", " ")
    assert MEANINGS[cause]


@pytest.mark.parametrize("cause", Cause)
def test_that_only_the_finding_itself_implies_agreement(cause):
    wanted = Agreement.AGREE if cause == "finding" else Agreement.DISAGREE
    assert usual_agreement(cause) is wanted
