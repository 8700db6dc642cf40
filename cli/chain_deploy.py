"""``gridbid chain deploy``: put a community's contracts on a chain."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gridbid.cli.chain_options import DEFAULT_DEPLOYMENT, NetworkName, NetworksFile, Rpc, node_at

KEY_VARIABLE = "GRIDBID_DEPLOYER_KEY"
EXAMPLES = (
    f"Examples: `{KEY_VARIABLE}=0x... gridbid chain deploy` &nbsp; "
    "`gridbid chain deploy --rpc https://... --keystore key.json --owner 0x... --owner 0x... --threshold 2 --delay 48`"
)
DEVELOPMENT_NOTE = "One account owns both Safes, and decisions wait for nobody: this is for development."
DEPLOYMENT_GAS = 35_000_000
"""What the deployer must be able to pay: all transactions of a deployment together take 28 million."""
MAX_DELAY_HOURS = 10 * 365 * 24


def deploy(
    rpc: Rpc = None,
    network: NetworkName = None,
    networks: NetworksFile = None,
    out: Annotated[Path, typer.Option(help="File to write the deployment to.")] = DEFAULT_DEPLOYMENT,
    keystore: Annotated[
        Path | None,
        typer.Option(help=f"Encrypted key of the deployer; its password is asked for. Else {KEY_VARIABLE}."),
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option(help="Owner of the Safe that governs; may be given several times.")
    ] = None,
    threshold: Annotated[int, typer.Option(min=1, help="How many of these owners must sign.")] = 1,
    operator: Annotated[
        list[str] | None,
        typer.Option(help="Owner of the Safe with the daily roles; the governing Safe's owners by default."),
    ] = None,
    operator_threshold: Annotated[int, typer.Option(min=1, help="How many of these must sign.")] = 1,
    delay: Annotated[
        float, typer.Option(min=0, max=MAX_DELAY_HOURS, help="Hours between a decision and its execution.")
    ] = 0,
    slot_seconds: Annotated[int, typer.Option(min=1, help="Length of a slot, seconds.")] = 900,
    deadline_seconds: Annotated[
        int, typer.Option(min=0, help="Time after a slot's end before a missing reading may be substituted.")
    ] = 3_600,
    jurisdiction: Annotated[str, typer.Option(help="Country of the community, ISO 3166-1 alpha-2.")] = "DE",
) -> None:
    """Deploy all contracts; afterwards a timelock and two multisig Safes hold every role, no plain account any."""
    from gridbid.chain.deployment.deploy import deploy
    from gridbid.chain.deployment.parameters import Governance, MarketParameters
    from gridbid.chain.rpc.connection import present_fees, require_ether
    from gridbid.chain.rpc.keys import key_from_environment, key_from_keystore
    from gridbid.cli.terminal import console
    from gridbid.market.errors import InputError

    try:
        parameters = MarketParameters(
            slot_seconds=slot_seconds, deadline_seconds=deadline_seconds, jurisdiction=jurisdiction
        )
    except ValueError as error:
        raise InputError(str(error)) from error
    _require_new(out)
    deployer = (
        key_from_environment(KEY_VARIABLE)
        if keystore is None
        else key_from_keystore(keystore, lambda: typer.prompt(f"Password of {keystore}", hide_input=True))
    )
    owners = tuple(owner or [deployer.address])
    governance = Governance(
        owners, threshold, tuple(operator or owners), operator_threshold, round(3_600 * delay)
    )
    node = node_at(rpc, network, networks)
    fees = present_fees(node)
    require_ether(node, deployer.address, DEPLOYMENT_GAS, fees)
    deployment = deploy(node, deployer, parameters, governance, network=node.network.name, fees=fees)
    deployment.save(out)
    console.print(f"Deployed {len(deployment.contracts)} contracts on chain {deployment.chain_id}:")
    for name, record in deployment.contracts.items():
        console.print(f"  {name:<28} {record.address}")
    if owner is None:
        console.print(DEVELOPMENT_NOTE, soft_wrap=True)
    console.print(f"Wrote {out}. Next: gridbid chain status", soft_wrap=True)


def _require_new(file: Path) -> None:
    """Raise InputError unless the file can be written: what is on the chain cannot be taken back."""
    from gridbid.market.errors import InputError

    if file.exists():
        raise InputError(f"{file} exists; move it away or name another file with --out")
    if not os.access(file.absolute().parent, os.W_OK):
        raise InputError(
            f"{file} can't be written: {file.absolute().parent} is no folder, or not yours to write"
        )
