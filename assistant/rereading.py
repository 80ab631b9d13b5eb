"""Which of two passages answers, when retrieval hardly tells them apart: a model reads each beside the question.

Retrieval compares a question with a passage through what was made of each alone, a vector and words. The model of
`entailment/inference.py`, which has also learnt which passages answer a question, sees both at once (a cross-encoder: Nogueira
and Cho 2019, "Passage re-ranking with BERT"). It takes about 25 ms a passage, so it is asked in doubt only, and of two.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.entailment.inference import Inference, headed
from knowledge.retrieval import RetrievedChunk

# Chosen on 828 development questions with facts: of 44 that get another first passage, 13 more hold what was asked.
_IN_DOUBT = 0.1  # how much better the first passage may score than the second
_KNOWN = 0.15  # how much nearer than the second one the first may be to what its section is known to answer
_WORTH = 0.05  # of a unit of log-odds that a passage answers, in points of retrieval's score


def reread(question: str, found: list[RetrievedChunk], inference: Inference) -> list[RetrievedChunk]:
    """Return the passages, best first; in doubt the first two in the order in which they answer."""
    if not found[1:] or not _doubtful(found[0], found[1]):
        return found
    first, second, *others = found
    chunks = (first.chunk, second.chunk)
    read = inference.read([(question, headed([chunk.title, chunk.section], chunk.text)) for chunk in chunks])
    if first.score + _WORTH * read[0].entailed >= second.score + _WORTH * read[1].entailed:
        return found
    return [replace(second, rank=first.rank, score=first.score), replace(first, rank=second.rank, score=second.score), *others]


def _doubtful(first: RetrievedChunk, second: RetrievedChunk) -> bool:
    """Say whether two passages are as near; who asks for steps by name gets those, and a known question its section."""
    named = first.evidence.role > second.evidence.role
    known = first.evidence.asked_here - second.evidence.asked_here >= _KNOWN
    return first.score - second.score < _IN_DOUBT and not named and not known
