"""Published results, reproduced on the core: ours beside theirs, with what is accepted and where it comes from."""
