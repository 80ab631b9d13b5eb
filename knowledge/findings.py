"""What ingest noticed about content that it did take in: for a person to look at, not an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FindingKind = Literal[
    "instruction", "near-duplicate", "contradiction", "dead-link", "missing-translation", "review-due", "assumed", "note"
]


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One warning. `message` names what, where and, where there is one, the other page."""

    kind: FindingKind
    document_id: str
    language: str
    message: str
