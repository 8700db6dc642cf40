"""From trained networks to a bundle: each actor with its scaling and clipping as one ONNX graph."""

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from ray.rllib.core.rl_module.rl_module import RLModule

from gridbid.agents.bundle import BundleFacts, write_bundle
from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.protocol.provenance import commit
from gridbid.train.actor_critic import MAX_NORMALISED, ActorCritic
from gridbid.train.progress import TrainResult

OPSET, IR_VERSION = 17, 8


def export_bundle(result: TrainResult, folder: Path) -> Path:
    """Write the best networks of a training as a bundle; return its folder."""
    scenario = load_scenario(result.config.scenario)
    facts = BundleFacts(
        scenario=scenario.name,
        scenario_digest=scenario.digest,
        commit=commit() or "unknown",
        config=result.config.as_dict(),
        figures=result.figures(),
    )
    networks = {
        kind: actor_to_onnx(RLModule.from_checkpoint(result.best.resolve() / kind)) for kind in result.kinds
    }
    return write_bundle(folder, networks, facts)


def actor_to_onnx(module: ActorCritic) -> bytes:
    """The mean action of a module as ONNX: observations (rows, observation) -> actions (rows, action), float32."""
    graph = _Graph()
    graph.add("Sub", graph.constant(module.observation_mean))
    graph.add("Div", graph.constant(module.observation_std))
    graph.clip(MAX_NORMALISED)
    for layer in module.actor:
        if isinstance(layer, torch.nn.Linear):
            graph.add("Gemm", graph.constant(layer.weight), graph.constant(layer.bias), transB=1)
        else:
            graph.add("Tanh")
    graph.clip(1.0)
    graph.switch(graph.constant(module.presence_weight), graph.constant(module.presence_bias))
    n_seen, n_actions = module.observation_space.shape[0], module.action_space.shape[0]
    return graph.serialise(n_seen, n_actions)


class _Graph:
    """A chain of operators, each fed by the one before."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._value = "observations"

    def add(self, operator: str, *inputs: str, **attributes: int) -> None:
        value = f"value_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, [self._value, *inputs], [value], **attributes))
        self._value = value

    def constant(self, tensor: torch.Tensor) -> str:
        return self._constant(tensor.detach().numpy())

    def clip(self, bound: float) -> None:
        self.add("Clip", self._constant(np.float32(-bound)), self._constant(np.float32(bound)))

    def switch(self, weight: str, bias: str) -> None:
        """Multiply by 1 where weight x observations + bias > 0, else by 0."""
        nodes = (
            helper.make_node("Gemm", ["observations", weight, bias], ["evidence"], transB=1),
            helper.make_node("Greater", ["evidence", self._constant(np.float32(0.0))], ["is_present"]),
            helper.make_node("Cast", ["is_present"], ["present"], to=TensorProto.FLOAT),
        )
        self._nodes.extend(nodes)
        self.add("Mul", "present")

    def serialise(self, n_seen: int, n_actions: int) -> bytes:
        self._nodes[-1].output[0] = "actions"
        graph = helper.make_graph(
            self._nodes,
            "policy",
            [helper.make_tensor_value_info("observations", TensorProto.FLOAT, ["rows", n_seen])],
            [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["rows", n_actions])],
            self._constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _constant(self, array: NDArray[np.float32] | np.float32) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name
