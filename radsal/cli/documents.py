"""One JSON document on stdout."""

import sys
from typing import Any

from radsal.exports.json_export import json_text


def print_json(document: dict[str, Any]) -> None:
    """Print a document; not a number is not JSON, so it is an error here."""
    sys.stdout.write(json_text(document, sys.stdout.encoding or "utf-8"))
