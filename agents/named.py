"""Policies by the name that a command line or a configuration gives them."""

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from gridbid.agents.bundle import BundleError, load_bundle
from gridbid.agents.policy import Policy
from gridbid.market.errors import InputError

_AGENTS = "gridbid.agents"

POLICIES = {
    "nothing": "baselines.nothing:NothingPolicy",
    "rule": "baselines.rule:RulePolicy",
    "smart_rule": "baselines.smart_rule:SmartRulePolicy",
    "thresholds": "baselines.thresholds:ThresholdsPolicy",
    "selfish_lp": "planners.selfish_lp:SelfishPolicy",
    "mpc": "planners.mpc:MpcPolicy",
    "mpc_persistence": "planners.informed_mpc:MpcPersistence",
    "mpc_perfect": "planners.informed_mpc:MpcPerfect",
    "zero_intelligence": "baselines.zero_intelligence:ZeroIntelligencePolicy",
    "zi_u": "seated_traders.plain:ZiUPolicy",
    "truthful": "seated_traders.plain:TruthfulPolicy",
    "zip": "seated_traders.zip:ZipPolicy",
    "gd": "seated_traders.gd:GdPolicy",
    "aa": "seated_traders.aa:AaPolicy",
}
"""Where each named policy stands, below this package: imported when it is asked for."""

UTILITIES = {
    "flat": "utilities.flat:FlatPolicy",
    "time_of_use": "utilities.time_of_use:TimeOfUsePolicy",
    "stackelberg": "utilities.stackelberg:StackelbergPolicy",
}
"""The same for the utility's seat."""


def named_policy(name: str) -> Policy:
    """A policy by its name, or that of the bundle in a folder. BundleError when it is neither."""
    if name in POLICIES:
        return _make(POLICIES[name])
    if not Path(name).is_dir():
        near = get_close_matches(name, POLICIES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise BundleError(
            f"policy {name!r}: neither one of {', '.join(POLICIES)} nor the folder of a bundle{hint}"
        )
    return load_bundle(Path(name))


def named_utility(name: str) -> Policy:
    """A policy for the utility's seat by its name. InputError when there is none of it."""
    if name not in UTILITIES:
        raise InputError(f"utility {name!r}: expected one of {', '.join(UTILITIES)}")
    return _make(UTILITIES[name])


def _make(place: str) -> Policy:
    module, _, made = place.partition(":")
    policy: Policy = getattr(import_module(f"{_AGENTS}.{module}"), made)()
    return policy
