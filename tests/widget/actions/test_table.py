"""The action table: complete, without clashes, and the README says the same."""

from collections import Counter
from pathlib import Path

from PySide6.QtGui import QKeySequence

from radsal.app.actions.keys import MENUS, markdown
from radsal.app.actions.table import ACTIONS, VERDICT_KEYS
from radsal.review.vocabulary import Cause

README = Path(__file__).parents[3] / "README.md"


def test_that_no_two_actions_share_a_key() -> None:
    keys = Counter(QKeySequence(key).toString() for row in ACTIONS for key in row.keys)
    assert [key for key, times in keys.items() if times > 1] == []


def test_that_every_key_is_one_that_qt_knows() -> None:
    unknown = [key for row in ACTIONS for key in row.keys if QKeySequence(key).isEmpty()]
    assert unknown == []


def test_that_every_action_has_its_own_id_in_a_menu_that_is_shown() -> None:
    assert len({row.id for row in ACTIONS}) == len(ACTIONS)
    assert {row.menu for row in ACTIONS} == set(MENUS)


def test_that_every_cause_has_a_digit_and_the_last_one_says_that_nothing_can_be_said() -> None:
    assert set(VERDICT_KEYS[:-1]) == set(Cause)
    assert VERDICT_KEYS[-1] is None
    assert len(VERDICT_KEYS) == 9


def test_that_the_keys_the_issue_promises_are_there() -> None:
    keys = {row.id: row.keys[0] for row in ACTIONS if row.keys}
    promised = {
        "view.automatic": "0",
        "view.invert": "I",
        "map.heatmap": "G",
        "read.next_spot": "N",
        "read.next_case": "PgDown",
        "read.previous_case": "PgUp",
    }
    assert {name: keys[name] for name in promised} == promised


def test_that_the_readme_names_the_keys_of_the_table() -> None:
    text = README.read_text("utf-8")
    begin, end = text.index("<!-- keys"), text.index("<!-- /keys -->")
    shown = text[text.index("\n", begin) : end].strip()
    assert shown == markdown()
