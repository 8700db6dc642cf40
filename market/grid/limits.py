"""What exceeds the limits of the grid: branches over their rating, voltages outside their band."""

import numpy as np
from numpy.typing import NDArray

LOWEST_PU, HIGHEST_PU = 0.9, 1.1
"""Voltage band at the customer: EN 50160, 4.2.2, nominal voltage ±10 %."""


def loading(branch_kva: NDArray[np.float64], rating_kva: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of its rating (n_buses,) that each branch carries (..., n_buses); 0 where the rating is inf."""
    return branch_kva / rating_kva


def overload_kwh(
    branch_kva: NDArray[np.float64], rating_kva: NDArray[np.float64], hours: float
) -> NDArray[np.float64]:
    """Energy carried above the rating within ``hours``, summed over the branches (..., n_buses) -> (...); kVAh."""
    return np.maximum(branch_kva - rating_kva, 0.0).sum(axis=-1) * hours


def voltage_excess_pu(
    voltage_pu: NDArray[np.complex128], lowest_pu: float = LOWEST_PU, highest_pu: float = HIGHEST_PU
) -> NDArray[np.float64]:
    """How far each voltage's magnitude lies outside the band, pu: above it positive, below it negative, within 0."""
    magnitude = np.abs(voltage_pu)
    return magnitude - np.clip(magnitude, lowest_pu, highest_pu)
