"""What the score says."""

from gridbid.evaluate.report.folder.read_summary import SCORE_TOLERANCE
from gridbid.evaluate.report.folder.summary import Summary


def verdict(summary: Summary) -> str:
    """What the score says, in one word that the template turns into sentences.

    One of ``unscored``, ``impossible`` (above the bound), ``unclear`` (the interval holds 0), ``better`` and
    ``worse``.
    """
    score = summary.score
    if score is None:
        return "unscored"
    if score > 1 + SCORE_TOLERANCE:
        return "impossible"
    lowest, highest = summary.score_interval or (score, score)
    if lowest <= 0 <= highest:
        return "unclear"
    return "better" if score > 0 else "worse"
