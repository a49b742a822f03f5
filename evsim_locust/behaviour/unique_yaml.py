"""YAML as `yaml.safe_load` reads it, but a key given twice is an error: silently, the second would win."""

from __future__ import annotations

from typing import Any

import yaml


class _UniqueKeyLoader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is here twice", key.start_mark)
                seen.add((key.tag, key.value))
        return super().construct_mapping(node, deep)


def load_yaml(text: str) -> object:
    """The document in `text`; raises yaml.YAMLError, or ValueError for a scalar such as the date 2026-13-45."""
    return yaml.load(text, _UniqueKeyLoader)
