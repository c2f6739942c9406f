"""One JSON document on stdout."""

import json
import sys
from typing import Any


def print_json(document: dict[str, Any]) -> None:
    """Print a document; not a number is not JSON, so it is an error here."""
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")
