"""``python -m gridbid.evaluate.reproduce``."""

import sys

from gridbid.evaluate.reproduce.tables import main

sys.exit(main())
