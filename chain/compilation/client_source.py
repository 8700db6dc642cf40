"""The Python source of a contract's typed client, made from its artifact."""

from collections import Counter
from collections.abc import Mapping

from eth_utils.abi import abi_to_signature, event_abi_to_log_topic

from gridbid.chain.artifact import Artifact
from gridbid.chain.compilation.client_types import (
    AbiEntry,
    annotation,
    argument_names,
    conversion,
    named_type,
    snake_case,
)
from gridbid.chain.compilation.source_text import class_text, docstring_lines, fields_of, indented

VIEWS = ("view", "pure")
TAKEN = ("by", "gas", "block", "self", "returned")
HEADER = '''"""Typed client of {name}; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import {types}
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender
'''


class ClientSource:
    """Writes the client of one contract."""

    def __init__(self, artifact: Artifact, names: Mapping[str, str]) -> None:
        self.artifact = artifact
        self.names = names
        self.functions = [entry for entry in artifact.abi if entry["type"] == "function"]
        self.events = [entry for entry in artifact.abi if entry["type"] == "event"]

    def text(self) -> str:
        """The whole module; a formatter has still to lay it out."""
        parts = [HEADER.format(name=self.artifact.name, types=", ".join(sorted(set(self.names.values()))))]
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
        taken = {*self.names.values(), self.artifact.name}
        return f"{entry['name']}Event" if entry["name"] in taken else str(entry["name"])

    def _result(self, entry: AbiEntry) -> str:
        title = f"What `{entry['name']}` returns."
        return class_text(
            f"{_result_class(entry)}(NamedTuple)", title, fields_of(entry["outputs"], self.names)
        )

    def _event(self, entry: AbiEntry) -> str:
        topic = "0x" + event_abi_to_log_topic(entry).hex()  # type: ignore[arg-type]  # an ABI entry, by its type field
        fields = ", ".join(self._event_field(item) for item in entry["inputs"])
        names = argument_names(entry["inputs"], "value")
        kinds = (annotation(item, self.names, result=True) for item in entry["inputs"])
        lines = [
            f'NAME: ClassVar[str] = "{entry["name"]}"',
            f'TOPIC: ClassVar[str] = "{topic}"',
            f"FIELDS: ClassVar[tuple[EventField, ...]] = ({fields}{',' if fields else ''})",
            *(f"{name}: {kind}" for name, kind in zip(names, kinds, strict=True)),
        ]
        body = class_text(f"{self.event_name(entry)}(ContractEvent)", self._notice(entry), lines)
        return f"@dataclass(frozen=True)\n{body}"

    def _event_field(self, item: AbiEntry) -> str:
        # What is indexed and has no fixed width is told by its hash alone.
        dynamic = item["type"] in ("string", "bytes") or item["type"].endswith("]")
        hashed = item["indexed"] and dynamic
        parts = [f'"{"bytes32" if hashed else item["type"]}"']
        if item["indexed"]:
            parts.append("indexed=True")
        named = named_type(item)
        if named is not None and named.name in self.names:
            parts.append(f"kind={self.names[named.name]}")
        return f"EventField({', '.join(parts)})"

    def _client(self) -> str:
        names = ", ".join(self.event_name(entry) for entry in self.events)
        lines = [
            f'CONTRACT: ClassVar[str] = "{self.artifact.name}"',
            f"EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = ({names}{',' if names else ''})",
        ]
        for name, entry in self.method_names().items():
            lines += ["", *self._method(name, entry)]
        return class_text(
            f"{self.artifact.name}(ContractClient)", f"{self.artifact.name} at one address.", lines
        )

    def _method(self, name: str, entry: AbiEntry) -> list[str]:
        inputs = argument_names(entry["inputs"], "argument", TAKEN)
        kinds = (annotation(item, self.names, result=False) for item in entry["inputs"])
        arguments = ["self", *(f"{name}: {kind}" for name, kind in zip(inputs, kinds, strict=True)), "*"]
        passed = ", ".join([f'"{entry["name"]}"', *inputs])
        docstring = docstring_lines(self._notice(entry))
        if entry["stateMutability"] not in VIEWS:
            arguments += ["by: Sender", "gas: int = DEFAULT_GAS"]
            body = [f"return self._transact({passed}, by=by, gas=gas)"]
            return [f"def {name}({', '.join(arguments)}) -> Receipt:", *indented([*docstring, *body])]
        arguments.append('block: str = "latest"')
        returned, body = self._view_body(entry, f"self._view({passed}, block=block)")
        return [f"def {name}({', '.join(arguments)}) -> {returned}:", *indented([*docstring, *body])]

    def _view_body(self, entry: AbiEntry, call: str) -> tuple[str, list[str]]:
        """What a view is annotated to return, and the lines that return it."""
        outputs = entry["outputs"]
        if not outputs:
            return "None", [call]
        if _has_result_class(entry):
            name = _result_class(entry)
            values = [conversion(item, self.names, f"returned[{i}]") for i, item in enumerate(outputs)]
            if values == [f"returned[{i}]" for i in range(len(outputs))]:
                return name, [f"return {name}(*{call})"]
            return name, [f"returned = {call}", f"return {name}({', '.join(values)})"]
        kind = annotation(outputs[0], self.names, result=True)
        value = conversion(outputs[0], self.names, "returned")
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
