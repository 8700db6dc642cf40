"""What agents see, do, get and are told."""
