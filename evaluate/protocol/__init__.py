"""The experiment: methods frozen in a manifest, played on held-out weeks, and what may be said of them afterwards."""

from gridbid.evaluate.protocol.evaluation import (
    FIRST_SEED,
    NOTHING,
    OPTIMUM,
    RULE,
    Evaluation,
    choose_weeks,
    evaluate,
)

__all__ = ["FIRST_SEED", "NOTHING", "OPTIMUM", "RULE", "Evaluation", "choose_weeks", "evaluate"]
