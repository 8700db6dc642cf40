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
    cost_eur = ", ".join(f"{controller} {j.sum():.2f}" for controller, j in found.j_eur.items())
    print(f"J of the day in EUR, {name}: {cost_eur}")
