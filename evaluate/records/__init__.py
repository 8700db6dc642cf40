"""Played weeks: what a controller did, slot by slot and member by member."""
