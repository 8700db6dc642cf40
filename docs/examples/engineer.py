"""For the energy engineer: what would batteries of twice the size save on a held-out autumn day?"""

from dataclasses import replace

from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.protocol import evaluate

today = load_scenario("tiny")
batteries = [
    replace(s.battery, capacity_kwh=2 * s.battery.capacity_kwh) if s.battery else None for s in today.seats
]
larger = tuple(replace(seat, battery=battery) for seat, battery in zip(today.seats, batteries, strict=True))
for name, scenario in (("as it is", today), ("twice the batteries", replace(today, seats=larger))):
    found = evaluate(scenario, weeks=[42], n_slots=96)
    for controller, figures in found.table.items():
        cost_eur, peak_kw = figures["j_eur"], figures["peak_kw"]
        print(f"{name:20}{controller:9} J {cost_eur:5.2f} EUR, peak {peak_kw:4.1f} kW")
