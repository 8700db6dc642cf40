"""Traders on the raw face: they name a side, a tick and a quantity, or keep what they have.

Everything is a kernel on plain arrays. Whoever seats them says, for each unit to be traded, on which side and with which
limit (the worst tick that does not lose); they answer with a tick. What they remember (`zip.ZipTraders`) and what they
draw (`streams.Streams`) lies in arrays by trader that the caller owns, so a population can be batched, cloned and replayed.
"""
