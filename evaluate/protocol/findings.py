"""What an evaluation found, as plain data: the same in the file of ``--json`` and in a run's summary."""

from typing import Any

from gridbid.evaluate.files import plain_json
from gridbid.evaluate.protocol.evaluation import Evaluation


def findings(evaluation: Evaluation) -> dict[str, Any]:
    """Figures, scores, comparisons, claims and the manifest, ready for JSON: figures without a meaning are null.

    - ``controllers``: key figures by controller over all weeks.
    - ``scores``: S by controller, with its interval; ``standings``: aggregates of weekly scores.
    - ``by_week``: key figures by controller as (runs, weeks); ``comparisons``: by controller and yardstick.
    - ``claims``, ``verdicts``, ``manifest``; ``seconds`` by controller.
    """
    return {
        "controllers": plain_json(evaluation.table),
        "scores": plain_json(evaluation.scores),
        "standings": plain_json(evaluation.standings),
        "comparisons": plain_json(evaluation.comparisons),
        "by_week": plain_json(evaluation.weekly),
        "claims": plain_json(evaluation.claims),
        "verdicts": plain_json(evaluation.verdicts),
        "seconds": plain_json(evaluation.seconds),
        "manifest": evaluation.manifest.as_dict(),
    }


def result(evaluation: Evaluation) -> dict[str, Any]:
    """The document of ``gridbid evaluate --json``: ``controllers`` and ``S``, and all that was found beside them."""
    scores = {name: score.estimate for name, score in evaluation.scores.items()}
    return {"S": plain_json(scores), "weeks": list(evaluation.weeks), **findings(evaluation)}
