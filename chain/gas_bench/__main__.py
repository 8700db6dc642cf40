"""Measure gas on anvil and keep it: ``python -m gridbid.chain.gas_bench [--check | --explain KEY] [--hardfork NAME]``.

Without an option chain/gas.json is written, and the figures are printed beside their limits. --check writes nothing:
it prints what differs from chain/gas.json, and the exit status is 1 when something does. --explain prints what one
figure's gas was spent on.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence

from gridbid.chain.gas_bench import snapshot
from gridbid.chain.gas_bench.limits import LIMITS
from gridbid.chain.gas_bench.measure import explain, measure
from gridbid.chain.nodes.anvil import HARDFORK

COMMAND = "python -m gridbid.chain.gas_bench"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Measure the gas of the contracts' actions.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--explain", metavar="KEY", choices=sorted(snapshot.read()), help="tell what one figure consists of"
    )
    mode.add_argument(
        "--check", action="store_true", help="write nothing; status 1 when a figure has changed"
    )
    parser.add_argument(
        "--hardfork",
        default=HARDFORK,
        help=f"rules of gas to measure by, {HARDFORK} by default; others are only printed",
    )
    chosen = parser.parse_args(arguments)
    if chosen.explain is not None:
        print(table(explain(chosen.explain)))
        return 0
    measured = measure(chosen.hardfork)
    changes = snapshot.changes(snapshot.read(), measured)
    if chosen.check:
        for line in changes:
            print(line, file=sys.stderr)
        return 1 if changes else 0
    if chosen.hardfork == HARDFORK:
        snapshot.write(measured)
    print(table(measured))
    return 0


def table(gas: Mapping[str, int]) -> str:
    """The figures as lines, each with its limit where it has one."""
    width = max(map(len, gas))
    return "\n".join(f"{key:{width}}  {value:>10,}{_verdict(key, value)}" for key, value in gas.items())


def _verdict(key: str, value: int) -> str:
    if key not in LIMITS:
        return ""
    limit = LIMITS[key]
    return f"   limit {limit:>7,}   {'over' if value > limit else 'within'}"


if __name__ == "__main__":
    sys.exit(main())
