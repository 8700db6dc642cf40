"""How the policy learned."""

from dataclasses import dataclass

import numpy as np

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.learning import learning_chart
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.folder.summary import LearningPoint
from gridbid.evaluate.report.formatting import number


@dataclass(frozen=True)
class Learning:
    """What the section shows; a chart needs two points."""

    chart: Chart | None
    last: LearningPoint
    still_rising: bool


def learning(run: Run) -> Learning | None:
    """The section of a run; None if it recorded nothing of its training."""
    points = run.summary.learning
    return Learning(_chart(points), points[-1], _still_rising(points)) if points else None


def _chart(points: tuple[LearningPoint, ...]) -> Chart | None:
    if len(points) < 2:
        return None
    kinds = [kind for kind in points[0].returns if all(kind in point.returns for point in points)]
    if not kinds:
        return None
    returns = {kind: np.array([point.returns[kind] for point in points]) for kind in kinds}
    ends = ", ".join(f"{kind} from {number(r[0], 2)} to {number(r[-1], 2)}" for kind, r in returns.items())
    minutes = np.array([point.seconds for point in points]) / 60
    return learning_chart(minutes, returns, f"Mean return in EUR over training: {ends}")


def _still_rising(points: tuple[LearningPoint, ...]) -> bool:
    """Whether any kind gained more than a twentieth of its whole range in the last quarter of training."""
    quarter = len(points) // 4
    if quarter == 0:
        return False
    for kind in points[0].returns:
        returns = np.array([point.returns.get(kind, np.nan) for point in points])
        gain = returns[-quarter:].mean() - returns[-2 * quarter : -quarter].mean()
        if gain > np.ptp(returns) / 20:
            return True
    return False
