"""What attacks and stresses come to on `rural`: exploitability of the rule, and what stresses do to three controllers."""

from gridbid.agents.named import named_policy
from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.timeline.year import weeks_of
from gridbid.evaluate.exploitability import Attack, exploit
from gridbid.evaluate.protocol import FIRST_SEED
from gridbid.evaluate.reproduce.pages import markdown_table
from gridbid.evaluate.robustness import Robustness, stress
from gridbid.evaluate.robustness.stress import AS_IS

STRESSED_WEEK = 11
_POLICIES = ("nothing", "rule", "smart_rule")


def exploitability_table() -> str:
    """What members could gain against the rule, in all validation weeks."""
    compiled = _rural()
    found = exploit(compiled, named_policy("rule"), weeks_of(compiled.scenario, "validation"))
    classes = {str(attack): attack for attack in Attack} | {"either": None}
    rows = []
    for name, attack in classes.items():
        gain = found.weekly_eur(attack)
        week = f"{gain.estimate:.2f} [{gain.low:.2f}, {gain.high:.2f}]"
        rows.append(
            (name, f"{found.max_ct_per_kwh(attack):.2f}", f"{found.mean_ct_per_kwh(attack):.2f}", week)
        )
    head = ("class", "max ct/kWh", "mean ct/kWh", "mean gain of a member in a week, EUR")
    return markdown_table(head, rows)


def robustness_table() -> str:
    """J of the members that are tested, and how much more that is than in the week as it is."""
    policies = [named_policy(name) for name in _POLICIES]
    found = stress(_rural(), policies, [STRESSED_WEEK], optimum=True)
    rows = [
        (
            f"`{outcome.stress.name}`",
            *(_cost(found, outcome.stress.name, controller) for controller in _POLICIES),
            # The community's bound says nothing of a part of its members.
            _whole(outcome.optimum_eur.mean())
            if outcome.optimum_eur is not None and outcome.tested.all()
            else "",
        )
        for outcome in found.outcomes
    ]
    return markdown_table(("stress", *_POLICIES, "optimum"), rows)


def _rural() -> CompiledScenario:
    return compile_community("rural", [FIRST_SEED], split="validation")


def _cost(found: Robustness, name: str, controller: str) -> str:
    cost = _whole(found.tested_eur(name, controller).mean())
    if name == AS_IS.name:
        return cost
    more = round(found.degradation(name, controller).estimate)
    return f"{cost} ({'+' if more > 0 else ''}{_whole(more)})"


def _whole(eur: float) -> str:
    return f"{round(eur):,}".replace(",", " ").replace("-", "−")
