"""Which metrics a PromQL expression reads."""

from __future__ import annotations

import re

_NOT_NAMES = re.compile(
    r'"[^"]*"|\'[^\']*\'|\[[^\]]*\]|\{[^}]*\}|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)'
)
_NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_WORDS = frozenset(("and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"))


def metrics_of(expression: str) -> set[str]:
    """Their names, with `_bucket` and the like."""
    bare = _NOT_NAMES.sub(" ", expression)
    return set(_NAME.findall(bare)) - _WORDS
