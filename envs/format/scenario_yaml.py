"""``scenario.yaml`` as text: read with every key once, written in the order of the specification."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import yaml

from gridbid.envs.format.schema import plain
from gridbid.envs.specification import Specification

# libyaml, where it is there: ten times as fast, which thousands of seats need.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read_yaml(content: bytes) -> Any:
    """Plain data. YAMLError names the place, of a key that stands twice as well, of which YAML would take the last."""
    loader = _LOADER(content)
    try:
        root = loader.get_single_node()
        _refuse_repeated_keys(root)
        return None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def write_yaml(specification: Specification, sha256: Mapping[str, str]) -> str:
    """YAML of the specification alone, in its order; what holds only scalars stands on one line."""
    entries = {field.name: getattr(specification, field.name) for field in fields(Specification)}
    document = plain(Specification(**entries | {"sha256": dict(sha256)}))
    return yaml.dump(
        document, Dumper=_DUMPER, sort_keys=False, default_flow_style=None, allow_unicode=True, width=110
    )


def _refuse_repeated_keys(root: yaml.Node | None) -> None:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        None, None, f"the key {key.value} stands twice", key.start_mark
                    )
                if isinstance(key, yaml.ScalarNode):
                    seen.add(key.value)
                nodes.append(value)
