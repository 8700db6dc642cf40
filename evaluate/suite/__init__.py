"""The benchmark suite: fixed scenarios, weeks and seeds, frozen under a version, and the leaderboard rows of who plays them."""
