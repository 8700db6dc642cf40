"""The Python source of a contract's typed client, made from its artifact."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from eth_utils.abi import abi_to_signature, event_abi_to_log_topic

from gridbid.chain.artifact import Artifact
from gridbid.chain.client_types import (
    AbiEntry,
    annotation,
    argument_names,
    class_name,
    conversion,
    named_type,
    snake_case,
)

WIDTH = 110
VIEWS = ("view", "pure")
TAKEN = ("by", "gas", "block", "self", "returned")
HEADER = '''"""Typed client of {name}; made from its ABI by `python -m gridbid.chain.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.rpc import DEFAULT_GAS, Receipt, Signer
'''


class ClientSource:
    """Writes the client of one contract."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        self.functions = [entry for entry in artifact.abi if entry["type"] == "function"]
        self.events = [entry for entry in artifact.abi if entry["type"] == "event"]
        items = list(_items(artifact.abi))
        self.structs = {
            class_name(named.name): item
            for item in items
            if (named := named_type(item)) is not None and named.sort == "struct"
        }
        self.enums = {
            class_name(named.name): artifact.enums[named.name]
            for item in items
            if (named := named_type(item)) is not None and named.name in artifact.enums
        }
        self.known = set(self.enums)

    def text(self) -> str:
        """The whole module; a formatter has still to lay it out."""
        parts = [HEADER.format(name=self.artifact.name)]
        parts += [self._enum(name, members) for name, members in sorted(self.enums.items())]
        parts += [self._struct(name, item) for name, item in _nested_first(self.structs)]
        parts += [self._result(entry) for entry in self.functions if _has_result_class(entry)]
        parts += [self._event(entry) for entry in self.events]
        parts.append(self._client())
        return "\n\n".join(parts)

    def method_names(self) -> dict[str, AbiEntry]:
        """Each function by its Python name; a second one of a name is told apart by its last argument."""
        named: dict[str, AbiEntry] = {}
        calls = Counter((entry["name"], len(entry["inputs"])) for entry in self.functions)
        if any(count > 1 for count in calls.values()):
            raise ValueError(
                f"{self.artifact.name}: functions of a name must differ in their number of arguments"
            )
        for entry in sorted(self.functions, key=lambda entry: len(entry["inputs"])):
            name = snake_case(entry["name"])
            if name in named:
                name += f"_with_{snake_case(entry['inputs'][-1]['name'])}"
            if name in named:
                raise ValueError(f"{self.artifact.name}: two functions would be called {name}")
            named[name] = entry
        return dict(sorted(named.items()))

    def event_name(self, entry: AbiEntry) -> str:
        """Python name of an event, out of the way of structs and enums."""
        taken = {*self.structs, *self.enums, self.artifact.name}
        return f"{entry['name']}Event" if entry["name"] in taken else str(entry["name"])

    def _enum(self, name: str, members: list[str]) -> str:
        lines = [f"{snake_case(member).upper()} = {value}" for value, member in enumerate(members)]
        return _class(f"{name}(IntEnum)", f"`{name}` of the contract.", lines)

    def _struct(self, name: str, item: AbiEntry) -> str:
        return _class(f"{name}(NamedTuple)", f"`{name}` of the contract.", self._fields(item["components"]))

    def _result(self, entry: AbiEntry) -> str:
        title = f"What `{entry['name']}` returns."
        return _class(f"{_result_class(entry)}(NamedTuple)", title, self._fields(entry["outputs"]))

    def _fields(self, items: list[AbiEntry]) -> list[str]:
        names = argument_names(items, "value")
        kinds = (annotation(item, self.known, result=False) for item in items)
        return [f"{name}: {kind}" for name, kind in zip(names, kinds, strict=True)]

    def _event(self, entry: AbiEntry) -> str:
        topic = "0x" + event_abi_to_log_topic(entry).hex()  # type: ignore[arg-type]  # an ABI entry, by its type field
        fields = ", ".join(self._event_field(item) for item in entry["inputs"])
        names = argument_names(entry["inputs"], "value")
        kinds = (annotation(item, self.known, result=True) for item in entry["inputs"])
        lines = [
            f'NAME: ClassVar[str] = "{entry["name"]}"',
            f'TOPIC: ClassVar[str] = "{topic}"',
            f"FIELDS: ClassVar[tuple[EventField, ...]] = ({fields}{',' if fields else ''})",
            *(f"{name}: {kind}" for name, kind in zip(names, kinds, strict=True)),
        ]
        body = _class(f"{self.event_name(entry)}(ContractEvent)", self._notice(entry), lines)
        return f"@dataclass(frozen=True)\n{body}"

    def _event_field(self, item: AbiEntry) -> str:
        # What is indexed and has no fixed width is told by its hash alone.
        dynamic = item["type"] in ("string", "bytes") or item["type"].endswith("]")
        hashed = item["indexed"] and dynamic
        parts = [f'"{"bytes32" if hashed else item["type"]}"']
        if item["indexed"]:
            parts.append("indexed=True")
        named = named_type(item)
        if named is not None and class_name(named.name) in self.known:
            parts.append(f"kind={class_name(named.name)}")
        return f"EventField({', '.join(parts)})"

    def _client(self) -> str:
        names = ", ".join(self.event_name(entry) for entry in self.events)
        lines = [
            f'CONTRACT: ClassVar[str] = "{self.artifact.name}"',
            f"EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = ({names}{',' if names else ''})",
        ]
        for name, entry in self.method_names().items():
            lines += ["", *self._method(name, entry)]
        return _class(f"{self.artifact.name}(ContractClient)", f"{self.artifact.name} at one address.", lines)

    def _method(self, name: str, entry: AbiEntry) -> list[str]:
        inputs = argument_names(entry["inputs"], "argument", TAKEN)
        kinds = (annotation(item, self.known, result=False) for item in entry["inputs"])
        arguments = ["self", *(f"{name}: {kind}" for name, kind in zip(inputs, kinds, strict=True)), "*"]
        passed = ", ".join([f'"{entry["name"]}"', *inputs])
        docstring = _docstring(self._notice(entry))
        if entry["stateMutability"] not in VIEWS:
            arguments += ["by: Signer", "gas: int = DEFAULT_GAS"]
            body = [f"return self._transact({passed}, by=by, gas=gas)"]
            return [f"def {name}({', '.join(arguments)}) -> Receipt:", *_indented([*docstring, *body])]
        arguments.append('block: str = "latest"')
        returned, body = self._view_body(entry, f"self._view({passed}, block=block)")
        return [f"def {name}({', '.join(arguments)}) -> {returned}:", *_indented([*docstring, *body])]

    def _view_body(self, entry: AbiEntry, call: str) -> tuple[str, list[str]]:
        """What a view is annotated to return, and the lines that return it."""
        outputs = entry["outputs"]
        if not outputs:
            return "None", [call]
        if _has_result_class(entry):
            name = _result_class(entry)
            values = [conversion(item, self.known, f"returned[{i}]") for i, item in enumerate(outputs)]
            if values == [f"returned[{i}]" for i in range(len(outputs))]:
                return name, [f"return {name}(*{call})"]
            return name, [f"returned = {call}", f"return {name}({', '.join(values)})"]
        kind = annotation(outputs[0], self.known, result=True)
        value = conversion(outputs[0], self.known, "returned")
        if value == "returned":
            return kind, [f"returned: {kind} = {call}[0]", "return returned"]
        return kind, [f"returned = {call}[0]", f"return {value}"]

    def _notice(self, entry: AbiEntry) -> str:
        signature = abi_to_signature(entry)  # type: ignore[arg-type]  # an ABI entry, by its type field
        return self.artifact.notices.get(signature, f"`{signature}`.")


def _has_result_class(entry: AbiEntry) -> bool:
    return entry["stateMutability"] in VIEWS and len(entry["outputs"]) > 1


def _result_class(entry: AbiEntry) -> str:
    name = entry["name"]
    return f"{name[0].upper()}{name[1:]}Result"


def _items(abi: list[AbiEntry]) -> Iterator[AbiEntry]:
    """Every input, output and component of functions and events."""
    pending = [
        item
        for entry in abi
        if entry["type"] in ("function", "event")
        for item in [*entry["inputs"], *entry.get("outputs", [])]
    ]
    while pending:
        item = pending.pop()
        yield item
        pending += item.get("components", [])


def _nested_first(structs: dict[str, AbiEntry]) -> list[tuple[str, AbiEntry]]:
    """Structs by name, one that is part of another before it."""
    ordered: dict[str, AbiEntry] = {}

    def add(name: str) -> None:
        for part in structs[name]["components"]:
            named = named_type(part)
            if named is not None and named.sort == "struct":
                add(class_name(named.name))
        ordered.setdefault(name, structs[name])

    for name in sorted(structs):
        add(name)
    return list(ordered.items())


def _class(head: str, title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"class {head}:", *_indented([*_docstring(title), "", *lines])]) + "\n"


def _docstring(text: str) -> list[str]:
    """A docstring's lines, indented twice at most."""
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    wrapped = textwrap.wrap(escaped, WIDTH - 16, break_on_hyphens=False)
    if len(wrapped) == 1:
        return [f'"""{wrapped[0]}"""']
    return [f'"""{wrapped[0]}', *wrapped[1:], '"""']


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
