"""Who plays a log: the core, its plain twin, the contracts. Each is a ``Player`` of ``players.player``."""
