"""What an event pays a participant, in exact nEUR.

With D delivered and Q instructed (Wh), rho = D / Q, D never above Q:

    pay = availability x Q + rate x D x g(rho) - penalty x max(0, 0.95 - rho) x Q
    g(rho) = 1 for rho >= 0.95, 0 for rho <= 0.5, and (rho - 0.5) / 0.45 between

Payments are rounded down and the penalty up, so no rounding favours who is paid; the payer pays the same integer, so
nothing is left over. The sliding scale between 50 % and 100 % and the cap at what was instructed are those of SSEN's
TRANSITION trials; the knee at 95 % is chosen here.
"""

from gridbid.market.kernel import kernel


@kernel
def delivered_wh(baseline_wh: int, reading_wh: int, instructed_wh: int) -> int:
    """Reduction of a slot: baseline less reading, not below 0 and not above what was instructed."""
    return min(max(0, baseline_wh - reading_wh), instructed_wh)


@kernel
def share_down(amount: int, part: int, whole: int) -> int:
    """amount x part / whole rounded down, for amount >= 0 and 0 <= part <= whole < 2^31: no product leaves 63 bits."""
    return amount // whole * part + amount % whole * part // whole


@kernel
def utilisation_neur_down(rate: int, delivered: int, instructed: int) -> int:
    """rate x delivered x g(delivered / instructed), rounded down; 0 when nothing is instructed."""
    if 2 * delivered <= instructed:
        return 0
    if 20 * delivered >= 19 * instructed:
        return rate * delivered
    return share_down(rate * delivered, 20 * delivered - 10 * instructed, 9 * instructed)


@kernel
def penalty_neur_up(penalty_rate: int, delivered: int, instructed: int) -> int:
    """penalty rate x what is missing to 95 % of what is instructed, rounded up."""
    missing = 19 * instructed - 20 * delivered
    return -(-penalty_rate * missing // 20) if missing > 0 else 0


@kernel
def payment_neur(
    rate: int, availability_rate: int, penalty_rate: int, delivered: int, instructed: int
) -> int:
    """What a participant gets for an event; below 0 where the penalty outweighs the rest."""
    return (
        availability_rate * instructed
        + utilisation_neur_down(rate, delivered, instructed)
        - penalty_neur_up(penalty_rate, delivered, instructed)
    )
