"""A specification as YAML with the meaning of every key beside it, for whoever is to fill it in."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import yaml

from gridbid.envs.format.schema import default_of
from gridbid.envs.format.schema_words import attribute_docstrings, unit_of
from gridbid.envs.specification import Specification

INDENT = "  "
COLUMN = 44
"""Where comments begin, if the line is short enough."""


def commented_yaml(specification: Specification) -> str:
    """The file's text: keys in their order, absent ones as comments; a section's meanings stand where it comes first."""
    return "\n".join(_section(specification, "", set())) + "\n"


def _section(section: Any, lead: str, told: set[type]) -> Iterator[str]:
    """Lines of a dataclass."""
    first_time = type(section) not in told
    told.add(type(section))
    meanings = attribute_docstrings(type(section)) if first_time else {}
    for field in fields(section):
        value = getattr(section, field.name)
        meaning = _meaning(field.name, meanings)
        if value is None or (value in ((), {}) and default_of(field) == value):
            if meaning:
                yield _commented(f"{lead}# {field.name}:", meaning)
        else:
            if lead == "" and _is_long(value):
                yield ""
            yield from _entry(field.name, value, meaning, lead, told)


def _entry(name: str, value: Any, meaning: str, lead: str, told: set[type]) -> Iterator[str]:
    if is_dataclass(value):
        lines = list(_section(value, lead + INDENT, told))
        empty = " {}" if _is_empty(lines) else ""
        yield _commented(f"{lead}{name}:{empty}", meaning)
        yield from lines
    elif isinstance(value, Mapping) and value:
        yield _commented(f"{lead}{name}:", meaning)
        yield from (f"{lead}{INDENT}{_scalar(key)}: {_scalar(entry)}" for key, entry in value.items())
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        yield _commented(f"{lead}{name}:", meaning)
        for entry in value:
            yield from _item(list(_section(entry, lead + INDENT, told)), lead)
    else:
        plain = list(value) if isinstance(value, tuple) else value
        yield _commented(f"{lead}{name}: {_scalar(plain)}", meaning)


def _item(lines: list[str], lead: str) -> Iterator[str]:
    """Lines of a section as an entry of a list: its first key stands beside the dash."""
    if _is_empty(lines):
        yield f"{lead}- {{}}"
        yield from lines
    else:
        yield f"{lead}- {lines[0][len(lead + INDENT) :]}"
        yield from lines[1:]


def _is_empty(lines: list[str]) -> bool:
    """Whether a section has no key but those that are commented out."""
    return all(line.lstrip().startswith("#") for line in lines)


def _meaning(name: str, meanings: Mapping[str, str]) -> str:
    unit = f" [{unit_of(name)}]" if unit_of(name) else ""
    return meanings[name].rstrip(".") + unit if name in meanings else ""


def _commented(line: str, comment: str) -> str:
    return f"{line:{COLUMN}}  # {comment}" if comment else line


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("...").removesuffix("\n")


def _is_long(value: Any) -> bool:
    return is_dataclass(value) or (isinstance(value, tuple) and bool(value) and is_dataclass(value[0]))
