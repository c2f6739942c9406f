import io
import json
import sys

import pytest

from radsal.cli.documents import print_json


def test_that_a_document_is_one_json_text_with_a_line_end(capsys):
    print_json({"b": "Weiß", "a": [1, None]})
    out = capsys.readouterr().out
    assert out.endswith("}\n")
    assert json.loads(out) == {"b": "Weiß", "a": [1, None]}
    assert "Weiß" in out


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_that_any_terminal_and_any_file_name_get_json(monkeypatch, encoding):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline=""))
    document = {"path": "山-\udcff-𠮷.dcm", "reader": "Weiß"}
    print_json(document)
    sys.stdout.flush()
    assert json.loads(raw.getvalue().decode(encoding)) == document


def test_that_not_a_number_is_an_error_and_half_a_document_is_not_printed(capsys):
    with pytest.raises(ValueError, match="Out of range"):
        print_json({"a": 1, "b": float("inf")})
    assert capsys.readouterr().out == ""
