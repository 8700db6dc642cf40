"""``python -m gridbid.cli``: the command without its script."""

from gridbid.cli.main import main

main()
