"""Two passages that retrieval hardly tells apart: the one that answers comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assistant.entailment.inference import Inference
from assistant.rereading import reread
from knowledge.document import Role
from knowledge.retrieval import Evidence, RetrievedChunk
from knowledge.splitting import Chunk

QUESTION = "How do I switch lane keeping off in my C4?"
WHAT = "Lane keeping warns you when the car drifts towards a line, and steers it back gently."
OFF = "On the C4 (2020 onwards), hold the button for two seconds: lane keeping goes off until the next start."


def passage(text: str, *, rank: int, score: float, role: Role = Role.WHAT) -> RetrievedChunk:
    chunk = Chunk.model_construct(
        id=f"lane-keeping.en.{rank}", document_id="lane-keeping", language="en", title="Lane keeping", section="Lane keeping",
        text=text, role=role,
    )  # fmt: skip
    return RetrievedChunk(chunk=chunk, rank=rank, score=score, evidence=Evidence(**dict.fromkeys(Evidence.__annotations__, 0.5)))


class Unread:
    def read(self, pairs: Any) -> Any:
        raise AssertionError(pairs)


@pytest.fixture(scope="module")
def inference() -> Inference:
    return Inference.shipped()


def test_the_passage_that_answers_comes_first_when_both_are_as_near(inference):
    found = [passage(WHAT, rank=1, score=2.03), passage(OFF, rank=2, score=2.0), passage("Else.", rank=3, score=1.0)]

    first, second, third = reread(QUESTION, found, inference)

    assert [item.chunk.text for item in (first, second, third)] == [OFF, WHAT, "Else."]
    assert [(item.rank, item.score) for item in (first, second, third)] == [(1, 2.03), (2, 2.0), (3, 1.0)]


def test_the_passage_that_answers_stays_first(inference):
    found = [passage(OFF, rank=1, score=2.03), passage(WHAT, rank=2, score=2.0)]

    assert reread(QUESTION, found, inference) == found


@pytest.mark.parametrize("kind", ["role", "asked_here"])
def test_steps_asked_for_by_name_and_known_questions_keep_their_passage(kind):
    first, second = passage(WHAT, rank=1, score=2.03), passage(OFF, rank=2, score=2.0)
    first = replace(first, evidence=replace(first.evidence, **{kind: 0.7}))
    unread: Any = Unread()

    assert reread(QUESTION, [first, second], unread) == [first, second]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_nothing_is_read_where_there_is_no_doubt(count):
    found = [passage(WHAT, rank=1, score=2.5), passage(OFF, rank=2, score=2.0)][:count]
    unread: Any = Unread()

    assert reread(QUESTION, found, unread) == found
