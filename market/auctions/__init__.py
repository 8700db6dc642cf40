"""Further mechanisms on the orders of the book, and pools that share what was metered: docs/mechanisms.md."""
