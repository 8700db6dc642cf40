"""Nothing controlled: no trading, no battery, cars charge at full power on arrival, heat pumps only keep comfort."""

from gridbid.agents.baselines.row_policy import RowPolicy
from gridbid.agents.baselines.rows import Columns, Outlets, Plan, Rows, Singles, write_plan
from gridbid.market.kernel import kernel


class NothingPolicy(RowPolicy):
    """What happens in a community that has devices and no control: the floor of the ladder.

    Full power for every car, nothing else, whatever is seen.
    """

    name = "nothing"

    def _decide(self, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
        _decide_rows(outlets, actions)


@kernel
def _decide_rows(outlets: Outlets, actions: Singles) -> None:
    for m in range(actions.shape[0]):
        write_plan(outlets, actions, m, Plan(0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0))
