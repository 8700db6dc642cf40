"""Controllers as a report names them."""

CONTROLLERS = {
    "nothing": (
        "Nothing",
        "No trading; cars charge on arrival, batteries only feed what heat pumps must draw.",
    ),
    "zi_u": (
        "Reckless traders",
        "Zero intelligence without a budget: limits drawn at random, losses and all.",
    ),
    "zero_intelligence": (
        "Zero intelligence",
        "Random limits within the budget: the market without any skill.",
    ),
    "truthful": ("Truthful", "Traders who ask for what energy is worth to them, and not more."),
    "zip": ("ZIP", "Traders who move their margin with each shout that they hear (Cliff)."),
    "gd": ("Gjerstad–Dickhaut", "Traders who bid by how often such shouts were taken."),
    "aa": ("Adaptive aggressive", "Traders who learn how hard to press (Vytelingum)."),
    "rule": ("Rule", "Own sun first, then truthful trading; cars charge on arrival."),
    "smart_rule": ("Smart rule", "Batteries serve neighbours, cars take the cheapest hours."),
    "thresholds": ("Price thresholds", "Stores are filled below one price and emptied above another."),
    "selfish_lp": ("Selfish plan", "Each member plans for itself alone."),
    "mpc_persistence": (
        "Planner, yesterday",
        "Plans again each hour, as if today were like yesterday: a yardstick.",
    ),
    "mpc": ("Planner", "Plans again each slot, with the forecasts that the learned agents see."),
    "mpc_perfect": ("Perfect planner", "Plans again each hour, with perfect forecasts: a yardstick."),
    "flat": ("Flat tariff", "The utility keeps one price all day."),
    "time_of_use": ("Time of use", "The utility charges more in the evening."),
    "stackelberg": ("Leader’s tariff", "The utility sets the prices to which members answer best."),
    "learned": ("Learned", "Agents that were trained by reinforcement learning."),
    "alone": ("Alone", "Each site by itself with perfect foresight, without neighbours: a bound."),
    "optimum": ("Optimum", "One plan for all with perfect foresight: a bound that no controller can beat."),
}
"""Label and meaning of the controllers that a ladder may have."""

RULE, OPTIMUM, NOTHING, LEARNED, ALONE = "rule", "optimum", "nothing", "learned", "alone"
BOUNDS = (ALONE, OPTIMUM)
INFORMED = ("mpc_persistence", "mpc_perfect")
"""Planners that look into the environment."""
YARDSTICKS = (NOTHING, RULE, *INFORMED, *BOUNDS)
"""Never the subject of a report while another controller is there."""


def controller_label(controller: str) -> str:
    """A controller's name for readers."""
    return CONTROLLERS.get(controller, (words(controller), ""))[0]


def words(name: str) -> str:
    """A field's name as words."""
    return name.replace("_", " ").capitalize()
