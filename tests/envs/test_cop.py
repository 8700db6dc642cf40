"""The heat pumps' efficiency against the formulas that it was taken from."""

import pytest

from gridbid.envs.importers.simbench import COP

RUHNAU = {"Air": (6.08, -0.09, 0.0005), "Soil": (10.29, -0.21, 0.0012)}
"""Ruhnau, Hirth, Praktiknjo: Time series of heat demand and heat pump efficiency, Scientific Data 6:189 (2019)."""
FIELD_FACTOR = 0.85
"""What measured pumps reach of the manufacturers' figures, from the same paper."""


def manufacturers_cop(source, lift_k):
    constant, linear, square = RUHNAU[source]
    return constant + linear * lift_k + square * lift_k**2


@pytest.mark.parametrize(
    ("source", "lift_k", "cop"), [("Air", 30, 3.83), ("Air", 40, 3.28), ("Air", 50, 2.83), ("Soil", 35, 4.41)]
)
def test_the_formula_gives_its_vectors(source, lift_k, cop):
    assert manufacturers_cop(source, lift_k) == pytest.approx(cop, abs=1e-9)


@pytest.mark.parametrize("source", ["Air", "Soil"])
def test_scenarios_have_the_formulas_cop_at_a_lift_of_35_k(source):
    assert COP[source] == pytest.approx(FIELD_FACTOR * manufacturers_cop(source, 35), abs=0.02)
