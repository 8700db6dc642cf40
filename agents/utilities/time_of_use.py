"""Shifts the tariff by the hour of day: lower when the sun is high, higher in the evening."""

import numpy as np

from gridbid.agents.baselines.columns import Seen
from gridbid.agents.policy import Actions, Observations
from gridbid.agents.utilities.levers import MAX_SHIFT_CT, announce, hour_of_day
from gridbid.envs.fields import UTILITY
from gridbid.market.errors import InputError

Hours = tuple[float, float]
"""First hour of day, and the hour at which it is over."""


class TimeOfUsePolicy:
    """Lowers the price by ``shift_ct`` in the ``cheap`` hours of every local day and raises it as much in the ``dear`` ones.

    A day's shifts may never sum to more than zero: what is raised before enough was lowered is cut by the market.
    """

    name = "time_of_use"

    def __init__(
        self, cheap: Hours = (10.0, 16.0), dear: Hours = (17.0, 21.0), shift_ct: float = MAX_SHIFT_CT
    ) -> None:
        """InputError names hours that aren't in a day or not in order, and a shift beyond what is allowed."""
        self.cheap, self.dear, self.shift_ct = cheap, dear, shift_ct
        faults = [
            f"{name}={begin, end}: expected 0 <= begin < end <= 24"
            for name, (begin, end) in (("cheap", cheap), ("dear", dear))
            if not 0.0 <= begin < end <= 24.0
        ]
        if not 0.0 <= shift_ct <= MAX_SHIFT_CT:
            faults.append(f"shift_ct={shift_ct}: it should lie in 0 to {MAX_SHIFT_CT}")
        if faults:
            raise InputError("time of use: " + "; ".join(faults))

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """The shift of the hour."""
        if UTILITY not in observations:
            return {}
        hour = hour_of_day(Seen(UTILITY, observations[UTILITY]))
        lowered, raised = ((begin <= hour) & (hour < end) for begin, end in (self.cheap, self.dear))
        return {UTILITY: announce(self.shift_ct * (raised.astype(np.float64) - lowered))}
