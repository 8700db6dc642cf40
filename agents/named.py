"""Policies by the name that a command line or a configuration gives them."""

from pathlib import Path

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.agents.bundle import BundleError, load_bundle
from gridbid.agents.policy import Policy

BASELINES: dict[str, type[Policy]] = {
    policy.name: policy for policy in (NothingPolicy, RulePolicy, ZeroIntelligencePolicy)
}


def named_policy(name: str) -> Policy:
    """A baseline by its name, or the policy of the bundle in a folder. BundleError when it is neither."""
    if name in BASELINES:
        return BASELINES[name]()
    if not Path(name).is_dir():
        raise BundleError(
            f"policy {name!r}: neither one of {', '.join(BASELINES)} nor the folder of a bundle"
        )
    return load_bundle(Path(name))
