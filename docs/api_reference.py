"""Writes docs/api.md from the docstrings: ``python docs/api_reference.py [--check]``."""

import ast
import importlib
import inspect
import itertools
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

PAGE = Path(__file__).with_name("api.md")
COMMAND = "python docs/api_reference.py"
INTRODUCTION = f"""\
# API

What a program may rely on, module by module; everything else may change without notice. This page is made from the docstrings by
`{COMMAND}`; a test checks that it is up to date. Fields of observations and actions: [fields.md](fields.md). Keys of a
scenario: [scenario-format.md](scenario-format.md)."""

SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "Environments": {
        "gridbid.envs.batch_env": ("BatchEnv",),
        "gridbid.envs.signals.raw_orders": ("RawOrders",),
        "gridbid.envs.faces.parallel": ("parallel_env", "MarketEnv"),
        "gridbid.envs.faces.aec": ("aec_env", "TurnsEnv"),
        "gridbid.envs.faces.vector": ("vector_env", "MarketVectorEnv"),
        "gridbid.envs.faces.single_agent": ("single_agent_env",),
        "gridbid.envs.faces.community": ("community_env",),
        "gridbid.envs.faces.others": ("Others",),
        "gridbid.envs.fields": ("Field", "Info", "observation_space", "action_space", "schema_hash"),
        "gridbid.envs.traces.files": ("Trace",),
        "gridbid.envs.traces.replay": ("replay",),
        "gridbid.envs.traces.explain": ("explain",),
        "gridbid.envs.render.renderer": ("make_renderer",),
    },
    "Scenarios": {
        "gridbid.envs.scenario": (
            *("load_scenario", "save_scenario", "scenario_names"),
            *("Scenario", "ScenarioError"),
        ),
        "gridbid.envs.compile": ("compile_community", "CompiledScenario"),
        "gridbid.envs.generator.community": ("make_population", "write_community"),
        "gridbid.envs.data_check": ("check_file",),
        "gridbid.envs.importers.meters": ("import_meters", "SiteOptions"),
        "gridbid.envs.importers.pandapower_net": ("import_pandapower",),
        "gridbid.envs.importers.citylearn": ("import_citylearn",),
    },
    "Market": {
        "gridbid.market.engine": ("Engine",),
        "gridbid.market.exchange": ("Exchange",),
        "gridbid.market.errors": ("GridbidError", "InputError"),
    },
    "Policies": {
        "gridbid.agents.policy": ("Policy",),
        "gridbid.agents.baselines.rule": ("RulePolicy",),
        "gridbid.agents.seated_traders.policy": ("TraderPolicy",),
        "gridbid.agents.bundle": ("load_bundle",),
    },
    "Evaluation": {
        "gridbid.evaluate.protocol": ("evaluate", "Evaluation"),
        "gridbid.evaluate.protocol.methods": ("Method", "load_method"),
        "gridbid.evaluate.protocol.manifest": ("Manifest", "read_manifest"),
        "gridbid.evaluate.protocol.repeat": ("repeat",),
        "gridbid.evaluate.protocol.claims": ("Claim", "Verdict"),
        "gridbid.evaluate.statistics": (
            *("interquartile_mean", "optimality_gap", "stratified_bootstrap", "paired_bootstrap"),
            *("score", "percent_less", "mean_difference", "sign_flip_p"),
            *("probability_of_improvement", "performance_profile", "Interval"),
        ),
    },
}
"""Titles to modules to the names that they offer."""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for title, modules in SECTIONS.items():
        parts.append(f"## {title}")
        for name, offered in modules.items():
            module = importlib.import_module(name)
            parts.append(f"### `{name}`")
            parts.append(_docstring(module))
            parts += [entry for item in offered for entry in _entries(item, getattr(module, item))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _entries(name: str, item: Any) -> Iterator[str]:
    """A function with its docstring, or a class with what is public in it."""
    yield f"#### `{name}`"
    if not inspect.isclass(item):
        yield _code(_written(item))
        yield _docstring(item)
        return
    yield _docstring(item)
    if is_dataclass(item) and not issubclass(item, Exception):
        yield "\n".join(_fields(item))
    elif "__init__" in vars(item):
        yield _code(_written(item.__init__).replace("__init__", name, 1).removesuffix(" -> None"))
    lines = [_line(key, member) for key, member in vars(item).items() if _is_public(key, member)]
    yield "\n".join(lines)


def _line(name: str, member: Any) -> str:
    """One method or property in one line."""
    if isinstance(member, property):
        return f"- `{name}`: {_sentence(member)}"
    return f"- `{_written(getattr(member, '__func__', member))}`: {_sentence(member)}"


def _fields(item: type) -> Iterator[str]:
    """Fields of a dataclass with what stands under each."""
    body = _node(item).body
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            meaning = " ".join(ast.literal_eval(text.value).split())
            yield f"- `{ast.unparse(field.target)}: {ast.unparse(field.annotation)}`: {meaning}"


def _is_public(name: str, member: Any) -> bool:
    kinds = (FunctionType, property, classmethod, staticmethod)
    return not name.startswith("_") and isinstance(member, kinds) and bool(inspect.getdoc(member))


def _written(function: Any) -> str:
    """A function's signature as it stands in the source, without self."""
    node = _node(function)
    node.args.args = [argument for argument in node.args.args if argument.arg != "self"]
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"


def _node(item: Any) -> Any:
    """The syntax of a class or a function."""
    return ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(item)))).body[0]


def _code(signature: str) -> str:
    return f"```python\n{signature}\n```"


def _docstring(item: Any) -> str:
    text = inspect.cleandoc(inspect.getdoc(item) or "")
    return re.sub(r":(?:func|class|meth|mod):", "", text).replace("``", "`")


def _sentence(item: Any) -> str:
    return " ".join(_docstring(item).split())


def main() -> int:
    """Write the page, or with --check say whether it is up to date."""
    text = page()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{PAGE} is not up to date; run {COMMAND}", file=sys.stderr)
        return 1
    part = PAGE.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
