"""What the community is worth to each member, by controller, as a table."""

import pyarrow as pa

from gridbid.evaluate.bills import alone_eur
from gridbid.evaluate.kpis import gains_eur, members_eur, profits_eur
from gridbid.evaluate.protocol import RULE, Evaluation

GAINS = "gains.parquet"


def gains_table(evaluation: Evaluation) -> pa.Table:
    """One row a controller and member, EUR over all weeks and samples, as docs/key-figures.md defines them.

    ``j_eur``, ``alone_eur`` (J alone, by the rule's own readings), ``gain_eur`` (their difference) and ``profit_eur`` (own
    profit: what trading brought).
    """
    seats, base_eur = evaluation.compiled.scenario.metered, alone_eur(evaluation.records[RULE])
    tables = []
    for controller, records in evaluation.records.items():
        columns = {
            "controller": pa.array([controller] * len(seats)),
            "member": pa.array([seat.name for seat in seats]),
            "kind": pa.array([seat.kind for seat in seats]),
            "j_eur": pa.array(members_eur(records)),
            "alone_eur": pa.array(base_eur),
            "gain_eur": pa.array(gains_eur(records, base_eur)),
            "profit_eur": pa.array(profits_eur(records)),
        }
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)
