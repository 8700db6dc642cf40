"""What a transaction offers for a unit of gas."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from gridbid.chain.errors import RetryError
from gridbid.chain.rpc.networks import FeeStrategy, Network

GWEI = 10**9
HISTORY_BLOCKS = 10
TIP_PERCENTILE = 50
FRESH_SECONDS = 10.0
"""How long a suggestion is used again."""


@dataclass(frozen=True)
class Fees:
    """What a transaction offers, wei for each unit of gas."""

    max_fee_per_gas_wei: int = 0
    max_priority_fee_per_gas_wei: int = 0
    is_legacy: bool = False
    """One price, the first one, in a transaction of the old kind."""

    def fields(self) -> dict[str, int]:
        """As a transaction to be signed has them."""
        if self.is_legacy:
            return {"gasPrice": self.max_fee_per_gas_wei}
        return {
            "type": 2,
            "maxFeePerGas": self.max_fee_per_gas_wei,
            "maxPriorityFeePerGas": self.max_priority_fee_per_gas_wei,
        }


class FeeAdviser:
    """Suggests fees from a node's last blocks, never above the network's cap."""

    def __init__(self, network: Network, request: Callable[..., Any]) -> None:
        self._network = network
        self._request = request
        self._suggested: Fees | None = None
        self._suggested_at = 0.0

    def suggest(self) -> Fees:
        """Fees for a transaction that is sent now. Raises RetryError when the network is too dear at present."""
        if self._suggested is None or time.monotonic() - self._suggested_at > FRESH_SECONDS:
            self._suggested = self._dynamic() if self._is_dynamic else self._legacy()
            self._suggested_at = time.monotonic()
        return self._suggested

    def forget(self) -> None:
        """Ask anew the next time: what was suggested has turned out too little."""
        self._suggested = None

    @property
    def _is_dynamic(self) -> bool:
        return self._network.fee_strategy is FeeStrategy.DYNAMIC

    def _dynamic(self) -> Fees:
        """Twice the next base fee, which bears six full blocks (each raises it by 1/8), and the usual tip."""
        history = self._request("eth_feeHistory", hex(HISTORY_BLOCKS), "latest", [TIP_PERCENTILE])
        latest = self._request("eth_getBlockByNumber", "latest", False)
        # Where blocks were taken back, anvil's history still tells of them.
        base_fee_wei = max(int(history["baseFeePerGas"][-1], 16), int(latest["baseFeePerGas"], 16))
        tips_wei = [int(tips[0], 16) for tips in history.get("reward") or [] if tips]
        tip_wei = int(median(tips_wei)) if tips_wei else 0
        self._require_affordable(base_fee_wei + tip_wei)
        return Fees(self._capped(2 * base_fee_wei + tip_wei), tip_wei)

    def _legacy(self) -> Fees:
        price_wei = int(self._request("eth_gasPrice"), 16)
        self._require_affordable(price_wei)
        return Fees(price_wei, is_legacy=True)

    def _capped(self, price_wei: int) -> int:
        cap_gwei = self._network.max_fee_gwei
        return price_wei if cap_gwei is None else min(price_wei, int(cap_gwei * GWEI))

    def _require_affordable(self, price_wei: int) -> None:
        if price_wei > self._capped(price_wei):
            raise RetryError(
                "FeesTooHigh",
                f"{self._network.name} asks {price_wei / GWEI:.3g} Gwei for a unit of gas; "
                f"the cap is {self._network.max_fee_gwei:.3g}",
            )
