"""Members who leave."""

import numpy as np

from gridbid.envs.compile import CompiledScenario, with_series
from gridbid.evaluate.robustness.stress import Episodes, Stress, every_third
from gridbid.market.presence import without_absent


class MembersLeaving(Stress):
    """Every third member is gone from the middle of the week on."""

    name = "members_leaving"
    title = "Members leave"
    meaning = (
        "Every third member leaves in the middle of the week, with its load, its generation and its car."
    )
    changes_truth = True

    def scenario(self, compiled: CompiledScenario, episodes: Episodes) -> CompiledScenario:
        """The leavers absent in the second half of every episode."""
        series = compiled.community.series
        present = np.broadcast_to(series.present, series.load_kw.shape).copy()
        for stretch in episodes.stretches(0.5, 1.0):
            present[stretch, every_third(compiled)] = False
        return with_series(compiled, without_absent(series._replace(present=present)))
