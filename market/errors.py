"""The root of what gridbid raises on bad input: the command prints its message as one clear line."""


class GridbidError(Exception):
    """Something a user can mend; the message names what, where, and what would be right."""
