"""YAML as data: what JSON could say, and nothing of YAML that is more than that.

PyYAML's own safe loader still follows anchors (a few lines swell to gigabytes), lets a later key
win over an earlier one and makes dates out of texts. Plain values are read as MONAI's loader reads
them (YAML 1.1: ``yes`` is true); everything else is an error.
"""

from math import isfinite
from typing import Any

import yaml

LARGEST_YAML = 64 << 10
"""Characters; PyYAML takes a second for 20,000 of the worst kind. MONAI's own hold a few thousand."""

_DEEPEST = 40
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str")}


def parse_yaml(text: str) -> object:
    """The one document of a text as dicts, lists and plain values. Raises ValueError."""
    if len(text) > LARGEST_YAML:
        raise ValueError(f"longer than {LARGEST_YAML} characters")
    try:
        return _DataLoader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{error.problem or error.context}{where}") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error


class _DataLoader(yaml.SafeLoader):
    """A safe loader that knows no tags, anchors, aliases, merges, dates or duplicate keys."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse on sight what is no plain value; the count keeps the recursion shallow."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _error("anchors and aliases are not read: write the value out", event)
        if getattr(event, "tag", None):
            raise _error(f"the tag {event.tag!r:.60} is not read", event)
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _error(f"nested more than {_DEEPEST} deep", event)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Only plain values; numbers are finite."""
        if isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN:
            raise _error(f"{node.value!r:.60} is no plain value: put it in quotes", node)
        value = super().construct_object(node, deep)
        if isinstance(value, float) and not isfinite(value):
            raise _error(f"{node.value!r:.60} is no finite number", node)
        return value

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG002
        """Keys are texts, each once."""
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _error(f"the key {key!r:.60} is no text: put it in quotes", key_node)
            if key in found:
                raise _error(f"the key {key!r:.60} stands there twice", key_node)
            found[key] = self.construct_object(value_node, deep=True)
        return found


def _error(problem: str, at: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=at.start_mark)
