"""What truly comes in an environment: for yardsticks with perfect information, never for a bot."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.outlook import Cars, Foresight, Outlook, Stores, true_outlook
from gridbid.agents.programs.plant import Plant, plant_of
from gridbid.envs.batch_env import BatchEnv
from gridbid.market.community import Devices
from gridbid.market.engine import Engine
from gridbid.market.state import arrays_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Truth:
    """Looks into an environment."""

    def __init__(self, env: BatchEnv) -> None:
        self.env = env
        self._twin = Engine(env.community, env.batch, env.engine.seed)

    def stores(self) -> list[Stores]:
        """What every community's stores will hold at the start of the slot that trades, once the one before is delivered."""
        twin, slots = self._twin, self.env.engine.state.clock.slot.copy()
        for mine, theirs in zip(arrays_of(twin.arena), arrays_of(self.env.engine.arena), strict=True):
            mine[...] = theirs
        twin.state.clock.round[:] = self.env.community.rules.rounds - 1
        held = [_copy(twin, b) for b in range(self.env.batch)]

        def note(engine: Engine) -> None:
            for b in np.flatnonzero(engine.state.delivered.slot == slots - 1):
                held[b] = _copy(engine, int(b))

        twin.close(note)
        return held

    def plant(self, members: Integers) -> Plant:
        """Devices and limits of the members."""
        plant = plant_of(self.env.community)
        devices = Devices(*(column[members] for column in plant.devices))
        return Plant(devices, plant.penalties, plant.import_limit_kw[members], plant.export_limit_kw[members])

    def outlook(
        self, community: int, members: Integers, stores: Stores, n_slots: int, foresight: Foresight
    ) -> Outlook:
        """The next ``n_slots`` slots of the members, to the episode's end at most."""
        clock = self.env.engine.state.clock
        slot, sample = int(clock.slot[community]), int(clock.sample[community])
        if slot == clock.start[community] and foresight is Foresight.DAY:
            foresight = Foresight.EPISODE
        n_slots = min(n_slots, int(clock.end[community]) - slot)
        return _of(members, true_outlook(self.env.community, slot, n_slots, sample, stores, foresight))


def _of(members: Integers, outlook: Outlook) -> Outlook:
    """The outlook of some participants."""
    cars = outlook.cars
    return Outlook(
        hours=outlook.hours,
        retail=outlook.retail,
        feed_in=outlook.feed_in,
        fee=outlook.fee,
        net_kwh=outlook.net_kwh[:, members],
        pv_kwh=outlook.pv_kwh[:, members],
        heat_kwh=outlook.heat_kwh[:, members],
        reactive_kvar=outlook.reactive_kvar[:, members],
        present=outlook.present[:, members],
        battery_kwh=outlook.battery_kwh[members],
        heat_store_kwh=outlook.heat_store_kwh[members],
        cars=Cars(
            plugged_h=cars.plugged_h[:, members],
            begins=cars.begins[:, members],
            start_kwh=cars.start_kwh[:, members],
            least_kwh=cars.least_kwh[:, members],
            unmet_kwh=cars.unmet_kwh[:, members],
            wanted_kwh=cars.wanted_kwh[members],
        ),
    )


def _copy(engine: Engine, b: int) -> Stores:
    stores = engine.state.stores
    return Stores(stores.battery_kwh[b].copy(), stores.car_kwh[b].copy(), stores.heat_kwh[b].copy())
