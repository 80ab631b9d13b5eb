"""Which page a question is about, learnt from the questions of all pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.errors import SnapshotError
from knowledge.topics import Topics

QUESTIONS = {
    "seats": ["is the foam thick", "how soft are the seats", "do the seats heat up"],
    "limiter": ["how do I cap my speed", "the car will not go faster than I set", "stop me from speeding"],
}


def trained() -> Topics:
    texts = [text for rows in QUESTIONS.values() for text in rows]
    topics = Topics.train(QUESTIONS, np.stack([FakeEmbedder().embed_query(text) for text in texts]))
    assert topics is not None
    return topics


@pytest.mark.parametrize(("question", "page"), [("are the seats soft", "seats"), ("cap the speed I set", "limiter")])
def test_a_question_in_other_words_scores_its_page_highest(question: str, page: str) -> None:
    scores = trained().scores(question, FakeEmbedder().embed_query(question))

    assert max(scores, key=lambda name: scores[name]) == page
    assert all(0.0 <= score <= 1.0 for score in scores.values())


def test_topics_score_the_same_after_they_were_written(tmp_path: Path) -> None:
    topics = trained()
    topics.write(tmp_path)
    again = Topics.read(tmp_path)
    vector = FakeEmbedder().embed_query("soft seats")

    assert again is not None
    for page, score in topics.scores("soft seats", vector).items():
        assert again.scores("soft seats", vector)[page] == pytest.approx(score, abs=1e-2)


def test_one_page_alone_or_none_is_nothing_to_tell_apart(tmp_path: Path) -> None:
    assert Topics.train({"seats": ["a", "b"]}, np.ones((2, 4), dtype=np.float32)) is None
    assert Topics.train({}, np.zeros((0, 4), dtype=np.float32)) is None
    assert Topics.read(tmp_path) is None


def test_damaged_topics_are_refused_with_the_cure(tmp_path: Path) -> None:
    trained().write(tmp_path)
    path = tmp_path / Topics.stored
    path.write_bytes(path.read_bytes()[:200])

    with pytest.raises(SnapshotError, match="brand-assistant ingest"):
        Topics.read(tmp_path)
