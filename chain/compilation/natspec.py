"""What a compilation says besides code, reduced to what a Python client needs: words, and the members of enums."""

import re
from collections.abc import Mapping
from typing import Any

_OWNER_OR_ENUM = re.compile(
    r"^(?:abstract\s+)?(?:contract|interface|library)\s+(?P<owner>\w+)|^\s*enum\s+(?P<enum>\w+)\s*\{(?P<members>[^}]*)\}",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def natspec(userdoc: Mapping[str, Any], devdoc: Mapping[str, Any]) -> dict[str, str]:
    """Notice of each function, event and error by signature; the first words for developers where there is none."""
    told: dict[str, str] = {}
    for kind in ("methods", "events", "errors"):
        details = {
            name: _SENTENCE_END.split(text)[0] for name, text in _of_kind(devdoc, kind, "details").items()
        }
        told |= details | _of_kind(userdoc, kind, "notice")
    return dict(sorted(told.items()))


def enums(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Members of each enum in source texts, by its name: the contract's, a dot, its own."""
    found: dict[str, list[str]] = {}
    for text in sources.values():
        owner = ""
        for match in _OWNER_OR_ENUM.finditer(_COMMENT.sub("", text)):
            if match["owner"]:
                owner = f"{match['owner']}."
            else:
                found[owner + match["enum"]] = re.findall(r"\w+", match["members"])
    return dict(sorted(found.items()))


def _of_kind(document: Mapping[str, Any], kind: str, field: str) -> dict[str, str]:
    """Text of one field by signature; an error has a list of entries."""
    entries = {
        signature: entry[0] if isinstance(entry, list) else entry
        for signature, entry in document.get(kind, {}).items()
    }
    return {
        signature: " ".join(entry[field].split()) for signature, entry in entries.items() if field in entry
    }
