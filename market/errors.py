"""The root of what gridbid raises on bad input: the command prints its message as one clear line.

GridbidError
├── InputError (also a ValueError)   a wrong argument, file or configuration
│   ├── ScenarioError                a scenario that doesn't exist or has faults
│   ├── ReportError                  a run's folder of which no report can be made
│   └── BundleError                  a policy bundle that can't be used
└── LedgerError                      a ledger refused; its own tree says what to do next
"""


class GridbidError(Exception):
    """Something a user can mend; the message names what, where, and what would be right."""


class InputError(GridbidError, ValueError):
    """A wrong argument, file or configuration."""
