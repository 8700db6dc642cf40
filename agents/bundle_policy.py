"""A bundle's networks as a policy: onnxruntime on one thread, the same bits for a row whatever stands beside it."""

from collections.abc import Mapping

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf

from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import METERED, action_space, observation_space
from gridbid.market.errors import GridbidError

Singles = NDArray[np.float32]

BLOCK_ROWS = 64
"""Rows that run together, at most."""

_INPUT, _OUTPUT = "observations", "actions"


class BundleError(GridbidError):
    """A bundle that isn't one, was changed, lacks a kind, or was made for another program; one line says which."""


class Network:
    """One kind's network: observations (rows, observation) -> actions (rows, action).

    A matrix product may round differently with the number of rows. Whether it does is tried once, for every size of a
    block: where it does, rows run one by one, so that a bot and a batch decide alike.
    """

    def __init__(self, session: onnxruntime.InferenceSession, n_seen: int, n_actions: int) -> None:
        self._session = session
        self._n_actions = n_actions
        self.block_rows = BLOCK_ROWS if self._rows_are_independent(n_seen) else 1

    def __call__(self, rows: Singles) -> Singles:
        """Actions of rows, fresh."""
        actions = np.empty((len(rows), self._n_actions), np.float32)
        for begin in range(0, len(rows), self.block_rows):
            block = slice(begin, begin + self.block_rows)
            actions[block] = self._run(rows[block])
        return actions

    def _run(self, rows: Singles) -> Singles:
        return np.asarray(self._session.run([_OUTPUT], {_INPUT: rows})[0])

    def _rows_are_independent(self, n_seen: int) -> bool:
        rows = np.random.default_rng(0).uniform(-1.0, 1.0, (BLOCK_ROWS, n_seen)).astype(np.float32)
        alone = np.concatenate([self._run(row[None]) for row in rows])
        return all(np.array_equal(self._run(rows[:n]), alone[:n]) for n in range(2, BLOCK_ROWS + 1))


class BundlePolicy:
    """Deterministic; decides for the kinds that it has networks for."""

    def __init__(self, networks: Mapping[str, Network], name: str = "learned") -> None:
        self.name = name
        self._networks = dict(networks)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds that it decides for."""
        return tuple(self._networks)

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered kind that is asked for. BundleError when there is no network for one."""
        return {kind: self._act(kind, rows) for kind, rows in observations.items() if kind in METERED}

    def _act(self, kind: str, observations: Singles) -> Singles:
        if kind not in self._networks:
            raise BundleError(
                f"policy {self.name!r}: no network for kind {kind!r}, only for {', '.join(self.kinds)}"
            )
        rows = np.ascontiguousarray(observations.reshape(-1, observations.shape[-1]), np.float32)
        return self._networks[kind](rows).reshape(*observations.shape[:-1], -1)


def open_network(kind: str, content: bytes) -> Network:
    """The network of a kind from its ONNX bytes. BundleError when its shapes aren't the kind's."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
        raise BundleError(f"network of kind {kind!r}: not an ONNX file") from error
    n_seen, n_actions = observation_space(kind).shape[0], action_space(kind).shape[0]
    found = [(value.name, value.shape[-1]) for value in (*session.get_inputs(), *session.get_outputs())]
    expected = [(_INPUT, n_seen), (_OUTPUT, n_actions)]
    if found != expected:
        raise BundleError(f"network of kind {kind!r}: takes and gives {found}, expected {expected}")
    return Network(session, n_seen, n_actions)
