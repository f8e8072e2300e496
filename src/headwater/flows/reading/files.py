"""Flow files: YAML 1.2 as plain data, where `no` is a word, 10:00 a time and a key given twice a mistake. Pure."""

from __future__ import annotations

import re
from typing import Any

import yaml

from headwater.segments.language import DefinitionError

LIMIT = 1_000_000


class _Loader(yaml.SafeLoader):
    """YAML's core schema: true/false, integers, floats and null; everything else without quotes is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise DefinitionError("", f"line {key.start_mark.line + 1}: a name must be plain text")
            if key.value in seen:
                raise DefinitionError("", f"line {key.start_mark.line + 1}: {key.value} is given twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        events: Any = self  # the stubs leave some of its methods untyped
        if events.check_event(yaml.AliasEvent):
            raise DefinitionError(
                "", f"line {events.peek_event().start_mark.line + 1}: references (*name) are not used here"
            )
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def read(text: str) -> Any:
    """The data of a flow file. Raises DefinitionError with the line of what is not YAML."""
    if len(text) > LIMIT:
        raise DefinitionError("", "a flow file is at most 1 MB")
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError("", f"line {line}: {error.problem or 'not YAML'}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise DefinitionError("", f"not YAML: {error}") from None
