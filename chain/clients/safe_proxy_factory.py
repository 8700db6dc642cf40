"""Typed client of SafeProxyFactory; made from its ABI by `python -m gridbid.chain.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.rpc import DEFAULT_GAS, Receipt, Signer


@dataclass(frozen=True)
class ProxyCreation(ContractEvent):
    """`ProxyCreation(address,address)`."""

    NAME: ClassVar[str] = "ProxyCreation"
    TOPIC: ClassVar[str] = "0x4f51faf6c4561ff95f067657e43439f0f856d97c04d9ec9070a6199ad418e235"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address"),
    )
    proxy: str
    singleton: str


class SafeProxyFactory(ContractClient):
    """SafeProxyFactory at one address."""

    CONTRACT: ClassVar[str] = "SafeProxyFactory"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (ProxyCreation,)

    def create_chain_specific_proxy_with_nonce(
        self, singleton: str, initializer: bytes, salt_nonce: int, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Deploys a new chain-specific proxy with `_singleton` singleton and `saltNonce` salt.
        Optionally executes an initializer call to a new proxy.
        """
        return self._transact(
            "createChainSpecificProxyWithNonce", singleton, initializer, salt_nonce, by=by, gas=gas
        )

    def create_proxy_with_callback(
        self,
        singleton: str,
        initializer: bytes,
        salt_nonce: int,
        callback: str,
        *,
        by: Signer,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Deploy a new proxy with `_singleton` singleton and `saltNonce` salt. Optionally executes an
        initializer call to a new proxy and calls a specified callback address `callback`.
        """
        return self._transact(
            "createProxyWithCallback", singleton, initializer, salt_nonce, callback, by=by, gas=gas
        )

    def create_proxy_with_nonce(
        self, singleton: str, initializer: bytes, salt_nonce: int, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Deploys a new proxy with `_singleton` singleton and `saltNonce` salt. Optionally executes an
        initializer call to a new proxy.
        """
        return self._transact("createProxyWithNonce", singleton, initializer, salt_nonce, by=by, gas=gas)

    def get_chain_id(self, *, block: str = "latest") -> int:
        """Returns the ID of the chain the contract is currently deployed on."""
        returned: int = self._view("getChainId", block=block)[0]
        return returned

    def proxy_creation_code(self, *, block: str = "latest") -> bytes:
        """Allows to retrieve the creation code used for the Proxy deployment."""
        returned: bytes = self._view("proxyCreationCode", block=block)[0]
        return returned
