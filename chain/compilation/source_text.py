"""Pieces of Python source, which a formatter has still to lay out."""

import textwrap
from collections.abc import Iterable, Mapping

from gridbid.chain.compilation.client_types import AbiEntry, annotation, argument_names

WIDTH = 110


def class_text(head: str, title: str, lines: Iterable[str]) -> str:
    """A class with its docstring."""
    return "\n".join([f"class {head}:", *indented([*docstring_lines(title), "", *lines])]) + "\n"


def fields_of(items: list[AbiEntry], names: Mapping[str, str]) -> list[str]:
    """ABI items as the fields of a NamedTuple."""
    kinds = (annotation(item, names, result=False) for item in items)
    return [f"{name}: {kind}" for name, kind in zip(argument_names(items, "value"), kinds, strict=True)]


def docstring_lines(text: str) -> list[str]:
    """A docstring's lines, to be indented twice at most."""
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    wrapped = textwrap.wrap(escaped, WIDTH - 16, break_on_hyphens=False)
    if len(wrapped) == 1:
        return [f'"""{wrapped[0]}"""']
    return [f'"""{wrapped[0]}', *wrapped[1:], '"""']


def indented(lines: Iterable[str]) -> list[str]:
    """Lines within a block."""
    return [f"    {line}" if line else "" for line in lines]
