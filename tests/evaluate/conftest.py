"""Networks for bundles, as small as they can be."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gridbid.envs.fields import METERED, action_space, observation_space


@pytest.fixture(scope="session")
def networks() -> dict[str, bytes]:
    """One small linear network for each metered kind, as a bundle holds them."""
    return {kind: _network(kind, seed) for seed, kind in enumerate(METERED)}


def _network(kind: str, seed: int) -> bytes:
    """Actions 0.5 + 0.2 tanh(observations @ weights): inside the unit box of every kind."""
    n_seen, n_actions = observation_space(kind).shape[0], action_space(kind).shape[0]
    weights = np.random.default_rng(seed).normal(0.0, 0.1, (n_seen, n_actions)).astype(np.float32)
    constants = {"weights": weights, "half": np.float32(0.5), "span": np.float32(0.2)}
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["observations", "weights"], ["sums"]),
            helper.make_node("Tanh", ["sums"], ["bounded"]),
            helper.make_node("Mul", ["bounded", "span"], ["scaled"]),
            helper.make_node("Add", ["scaled", "half"], ["actions"]),
        ],
        kind,
        [helper.make_tensor_value_info("observations", TensorProto.FLOAT, ["rows", n_seen])],
        [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["rows", n_actions])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())
