"""Reads ``summary.json`` and checks it."""

from pathlib import Path

from gridbid.evaluate.report.folder.node import Node, read_document
from gridbid.evaluate.report.folder.summary import ChainUse, Claim, LearningPoint, Parity, Summary

SCORE_TOLERANCE = 0.01
"""How far S may lie from the S of the controllers' costs: figures may be rounded."""


def read_summary(path: Path) -> Summary:
    """``summary.json`` as a :class:`Summary`; raises ReportError at its first fault."""
    root = read_document(path)
    scenario = root.field("scenario")
    summary = Summary(
        name=scenario.field("name").text(),
        title=scenario.field("title").text(),
        n_members=scenario.field("n_members").integer(),
        sha256=scenario.field("sha256").text(),
        transformer_kva=scenario.field("transformer_kva").optional_number(),
        controllers=_controllers(root.field("controllers")),
        intervals=_intervals(root),
        j_eur_by_week={
            name: tuple(week.number() for week in node.items())
            for name, node in root.field("j_eur_by_week").fields().items()
        },
        claims=tuple(_claim(node) for node in root.field("claims").items()),
        weeks=tuple(week.text() for week in root.field("weeks").items()),
        samples=_samples(root.field("samples")),
        parity=_parity(root.field("parity")),
        residuals={name: node.integer() for name, node in root.field("residuals").fields().items()},
        chain=_chain(root.field("chain")),
        learning=tuple(_learning_point(node) for node in root.field("learning_curve").items()),
        stages_s=_numbers(root.field("stages_s")),
        versions={name: node.text() for name, node in root.field("versions").fields().items()},
        manifest={name: node.value for name, node in root.field("manifest").fields().items()},
    )
    _check_score(root.field("S"), summary)
    return summary


def _samples(node: Node) -> int:
    """How often each week was played; once where nothing is said."""
    if node.value is None:
        return 1
    if node.integer() < 1:
        raise node.refusal("at least 1")
    return node.integer()


def _controllers(node: Node) -> dict[str, dict[str, float | None]]:
    """Figures by controller, the most expensive first; each has J and a bill."""
    table = {}
    for controller, figures in node.fields().items():
        for required in ("j_eur", "bill_eur"):
            figures.field(required).number()
        table[controller] = {name: value.optional_number() for name, value in figures.fields().items()}
    if not table:
        raise node.refusal("an object with at least one controller")
    return dict(sorted(table.items(), key=lambda item: -(item[1]["j_eur"] or 0.0)))


def _intervals(root: Node) -> dict[str, tuple[float, float]]:
    """Intervals of S by controller, from ``scores`` and ``S_interval``; one week tells nothing of chance."""
    if len(root.field("weeks").items()) == 1:
        return {}
    intervals = {
        name: (node.field("low").number(), node.field("high").number())
        for name, node in root.field("scores").fields().items()
        if node.field("low").optional_number() is not None
    }
    if root.field("S_interval").value is not None:
        intervals["learned"] = _interval(root.field("S_interval"))
    return intervals


def _interval(node: Node) -> tuple[float, float]:
    bounds = [item.number() for item in node.items()]
    if len(bounds) != 2 or bounds[0] > bounds[1]:
        raise node.refusal("two numbers, the lower first")
    return bounds[0], bounds[1]


def _parity(node: Node) -> Parity | None:
    if node.value is None:
        return None
    return Parity(
        fills=node.field("fills").integer(),
        mismatches=node.field("mismatches").integer(),
        days=tuple(day.text() for day in node.field("days").items()),
    )


def _chain(node: Node) -> ChainUse | None:
    if node.value is None:
        return None
    gas_used = node.field("gas_used")
    return ChainUse(
        transactions=node.field("transactions").integer(),
        gas_used=None if gas_used.value is None else gas_used.integer(),
        gas_by_action=_numbers(node.field("gas_by_action")),
    )


def _claim(node: Node) -> Claim:
    reduction = node.field("reduction")
    low, high = (reduction.field(end).optional_number() for end in ("low", "high"))
    return Claim(
        controller=node.field("controller").text(),
        against=node.field("against").text(),
        figure=node.field("figure").text(),
        promised_percent=node.field("promised_percent").number(),
        reduction_percent=reduction.field("estimate").optional_number(),
        interval_percent=None if low is None or high is None else (low, high),
        holds=node.field("holds").truth(),
        reason=node.field("reason").text(),
    )


def _learning_point(node: Node) -> LearningPoint:
    return LearningPoint(
        seconds=node.field("seconds").number(),
        agent_steps=node.field("agent_steps").number(),
        returns=_numbers(node.field("return")),
    )


def _numbers(node: Node) -> dict[str, float]:
    return {name: value.number() for name, value in node.fields().items()}


def _check_score(node: Node, summary: Summary) -> None:
    """A report must not show two scores: S is what the costs of its controllers say."""
    score = node.optional_number()
    expected = summary.score_of("learned") if "learned" in summary.controllers else None
    if score is None or expected is None:
        return
    if abs(score - expected) > SCORE_TOLERANCE * max(1, abs(expected)):
        raise node.refusal(f"{expected:.4f} by the costs j_eur of rule, learned and optimum")
