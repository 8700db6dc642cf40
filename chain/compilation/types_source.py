"""The Python source of the structs and enums that the contracts' functions and events speak of."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gridbid.chain.artifact import Artifact
from gridbid.chain.compilation.client_types import AbiEntry, items_of, named_type, snake_case
from gridbid.chain.compilation.source_text import class_text, fields_of

HEADER = '''"""Structs and enums of the contracts; made by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple
'''


class TypesSource:
    """Writes one class for each struct and enum, whichever contracts use it."""

    def __init__(self, artifacts: Iterable[Artifact]) -> None:
        self._structs: dict[str, AbiEntry] = {}
        self._enums: dict[str, list[str]] = {}
        for artifact in artifacts:
            self._collect(artifact)
        self.names = _python_names({**self._structs, **self._enums})

    def text(self) -> str:
        """The whole module; a formatter has still to lay it out."""
        classes = {self.names[name]: self._enum(name) for name in sorted(self._enums)}
        for name in sorted(self._structs):
            self._add_struct(name, classes)
        return "\n\n".join([HEADER, *classes.values()])

    def _collect(self, artifact: Artifact) -> None:
        for item in items_of(artifact.abi):
            named = named_type(item)
            if named is None:
                continue
            if named.sort == "struct":
                self._structs[named.name] = item
            elif named.name in artifact.enums:
                self._enums[named.name] = artifact.enums[named.name]

    def _enum(self, name: str) -> str:
        lines = [f"{snake_case(member).upper()} = {value}" for value, member in enumerate(self._enums[name])]
        return class_text(f"{self.names[name]}(IntEnum)", f"`{name}`.", lines)

    def _add_struct(self, name: str, classes: dict[str, str]) -> None:
        """Write a struct behind those that are part of it."""
        components = self._structs[name]["components"]
        for part in components:
            named = named_type(part)
            if named is not None and named.sort == "struct":
                self._add_struct(named.name, classes)
        python_name = self.names[name]
        text = class_text(f"{python_name}(NamedTuple)", f"`{name}`.", fields_of(components, self.names))
        classes.setdefault(python_name, text)


def _python_names(definitions: Mapping[str, Any]) -> dict[str, str]:
    """Names without their contract's, but for those that two contracts give to different things."""
    owners: dict[str, list[str]] = {}
    for name in definitions:
        owners.setdefault(name.rsplit(".", 1)[-1], []).append(name)
    return {
        name: short if len(group) == 1 else re.sub(r"^I(?=[A-Z])", "", name.replace(".", ""))
        for short, group in owners.items()
        for name in group
    }
