"""The only place where a colour of the report has a value."""

PALETTE = {
    "paper": ("#fcfbf8", "#15191c"),
    "card": ("#f4f2ec", "#1c2226"),
    "ink": ("#1e2a31", "#e7e4dc"),
    "muted": ("#5d6971", "#9ca7ad"),
    "hairline": ("#dcd8cf", "#333c42"),
    "learned": ("#0b6e69", "#56c5b8"),
    "rule": ("#8a949b", "#7f8b93"),
    "bound": ("#c3beb2", "#4d575d"),
    "price": ("#a8690a", "#e2b155"),
    "sun": ("#d99a1c", "#d9b04c"),
    "car": ("#6656a6", "#a99be6"),
    "heat": ("#b9502f", "#ea8f6c"),
    "low": ("#1f5fa8", "#6ea8f0"),
    "calm": ("#eeebe3", "#2c353b"),
    "high": ("#c4560f", "#f39a5a"),
    "good": ("#237a4b", "#6cc792"),
    "bad": ("#b83232", "#f28b82"),
}
"""Colours of the page by name, in light and in dark. Light values all differ: they stand for the names."""

LIGHT = {name: light for name, (light, _) in PALETTE.items()}
"""What charts are drawn with; the page puts its own colours in their places."""
