"""What holds for all tests."""

import os

from hypothesis import settings

# The same examples on every run, so that a red run is a fault of the change; HYPOTHESIS_PROFILE=random looks further.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
