"""Pages that are made of the code: written whole, or compared with what stands there."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def keep_page(path: Path, text: str, command: str, arguments: Sequence[str]) -> int:
    """Write a page, or with ``--check`` among the arguments say that it isn't up to date; the exit status."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{path} is not up to date; run {command}", file=sys.stderr)
        return 1
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    return 0
