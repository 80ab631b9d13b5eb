"""Reads YAML safely and fast: plain values only, with libyaml's parser, which is about ten times as quick as Python's."""

from __future__ import annotations

from typing import Any

import yaml

# libyaml recurses on the C stack, where too deep a value would end the process; Python's parser raises an error instead.
_DEEPEST = 100
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the node tree of a text, with its lines, and its value. Raises `yaml.YAMLError` and what bad values raise."""
    loader = _loader(text)(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()


def parse(text: str) -> Any:
    """Return the value of a text. Raises `yaml.YAMLError` and what bad values raise."""
    return compose(text)[1]


def _loader(text: str) -> Any:
    opened = text.count("[") + text.count("{")
    deepest = max((len(line) - len(line.lstrip(" -")) for line in text.split("\n")), default=0)
    return yaml.SafeLoader if max(opened, deepest) > _DEEPEST and _nests(text) else _FAST


def _nests(text: str) -> bool:
    """Say whether brackets, or indentation with dashes, nest deeper than libyaml should be trusted with."""
    depth = most = 0
    for character in text:
        if character in "[{":
            depth += 1
            most = max(most, depth)
        elif character in "]}":
            depth = max(0, depth - 1)
    indented = max(len(line) - len(line.lstrip(" -")) for line in text.split("\n"))
    return max(most, indented) > _DEEPEST
