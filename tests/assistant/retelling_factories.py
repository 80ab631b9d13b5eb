"""Passages and messages for the tests of what a chat model writes."""

from __future__ import annotations

from typing import Any

from knowledge.document import Claims, Role
from knowledge.splitting import Chunk


def passage(text: str, **more: Any) -> Chunk:
    fields: dict[str, Any] = {
        "id": f"page.en.{abs(hash((text, str(more))))}", "document_id": "page", "kind": "tutorial", "title": "Speed limiter",
        "section_id": "what", "section": "What it does", "role": Role.WHAT, "task": None, "part": 1, "language": "en",
        "audience": "customer", "markets": ("*",), "vehicles": (), "features": (),
        "claims": Claims(status="fact", as_of=2020, speaker=None, confidence="confirmed"), "sources": (), "text": text,
    }  # fmt: skip
    return Chunk(**{**fields, **more})
