"""What a reader may want to ask next: questions that neighbouring pages say they answer."""

from __future__ import annotations

from assistant.decision import Verdict
from assistant.release import Release
from knowledge.retrieval import RetrievedChunk

_MOST = 3


def suggest(verdict: Verdict, found: list[RetrievedChunk], language: str, release: Release) -> tuple[str, ...]:
    """Return up to three questions in `language`, each from another page than the one that answered."""
    answered = verdict.main.document_id if verdict.main else None
    pages = dict.fromkeys(item.chunk.document_id for item in found if item.chunk.document_id != answered)
    firsts = (next(iter(release.index.questions.get(f"{page}.{language}", ())), None) for page in pages)
    return tuple(question for question in firsts if question)[:_MOST]
