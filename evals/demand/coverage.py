"""Asks the assistant what customers need, and says how well the knowledge answers: well, badly, or not at all.

Input: the words of a need. Output: a `Probe` a remark. What is asked is what customers wrote, through the same
`Assistant.reply` that they get, on an assistant whose records are thrown away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Answer, Decision, Question
from knowledge.words import stems

Outcome = Literal["well", "badly", "absent"]
GAP: dict[Outcome, float] = {"well": 0.0, "badly": 0.6, "absent": 1.0}
Reply = Callable[[Question], Answer]
FeaturesOfPage = Callable[[str], frozenset[str]]
_SURE = 0.5


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One remark as it was asked, what came of it, and the pages that were cited ("id: section")."""

    text: str
    outcome: Outcome
    decision: Decision
    pages: tuple[str, ...]


def probe(
    text: str, *, language: str, market: str | None, feature: str | None, name: tuple[str, ...],
    reply: Reply, features_of: FeaturesOfPage,
) -> Probe:  # fmt: skip
    """Ask `text` and judge what comes back.

    Answered well: the answer cites a page about the need's feature; or, for a need that no feature names, a passage that
    holds one of the words that name it. A question back counts as well, since the choice leads there. Raises as `reply` does.
    """
    answer = reply(Question(text=text[:1500], language=language if language in ("fr", "en") else None, market=market))
    pages = tuple(dict.fromkeys(f"{citation.chunk.document_id}: {citation.chunk.section}" for citation in answer.citations))
    return Probe(text=text, outcome=_outcome(answer, feature, name, language, features_of), decision=answer.decision, pages=pages)


def _outcome(answer: Answer, feature: str | None, name: tuple[str, ...], language: str, features_of: FeaturesOfPage) -> Outcome:
    if answer.decision is Decision.CLARIFY:
        return "well"
    if answer.decision is not Decision.ANSWER:
        return "absent" if answer.decision is Decision.DECLINE else "badly"
    if answer.withheld or answer.confidence < _SURE:
        return "badly"
    if feature:
        about = any(feature in features_of(citation.chunk.document_id) for citation in answer.citations)
    else:
        wanted = {stem for word in name for stem in stems(word, language)}
        read = {
            stem
            for citation in answer.citations
            for stem in stems(f"{citation.chunk.title} {citation.chunk.section} {citation.quote}", citation.chunk.language)
        }
        about = bool(wanted & read)
    return "well" if about else "badly"
