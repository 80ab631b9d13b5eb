"""What the load bench counts; never how fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.answer import Answer, Decision, Delta, Done, Event, Question, Started
from evals.load_bench import measure_crowd, measure_streaming, measure_synthetic_index
from evals.load_report import draw, written


class _Assistant:
    """Answers after a moment, and knows how many asked at once and in which conversations."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.conversations: list[str | None] = []
        self._turn = threading.Lock()

    def reply(self, question: Question) -> Answer:
        with self._turn:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.conversations.append(question.conversation_id)
        time.sleep(0.02)
        with self._turn:
            self.inside -= 1
        return _answer(question.conversation_id or f"new-{len(self.conversations)}")

    def stream(self, question: Question) -> Iterator[Event]:  # noqa: ARG002  called like the real one
        yield Started(conversation_id="c")
        yield Delta(text="first")
        time.sleep(0.02)
        yield Delta(text="last")
        yield Done(answer=_answer("c"))


def _answer(conversation: str) -> Answer:
    return Answer(decision=Decision.DECLINE, text="", language="en", question_language="en", conversation_id=conversation)


def test_a_crowd_asks_at_once_and_every_visitor_stays_in_a_conversation() -> None:
    assistant: Any = _Assistant()

    crowd = measure_crowd(assistant, ["a", "b"], 4, turns=3)

    assert (crowd.conversations, crowd.answers) == (4, 12)
    assert assistant.most > 1
    assert assistant.conversations.count(None) == 4


def test_the_first_text_comes_before_the_last() -> None:
    assistant: Any = _Assistant()

    streamed = measure_streaming(assistant, ["a", "b", "c"])

    assert streamed.first.p50 < streamed.last.p50


def test_the_graph_of_a_small_synthetic_index_finds_nearly_all_true_neighbours() -> None:
    measured = measure_synthetic_index(500)

    assert measured.vectors == 500
    assert measured.recall_at_10 >= 0.95


def test_the_figures_are_written_and_drawn_with_synthetic_named_as_such(tmp_path: Path) -> None:
    pair = {"p50": 1.0, "p95": 2.0}
    figures: dict[str, Any] = {
        **dict.fromkeys(("first_text_ms", "last_text_ms", "answer_ms", "embedding_ms", "ratio"), pair),
        "questions": 3,
        "crowds": [{"conversations": 8, "answers_per_second": 5.0, "answer": pair}],
        "synthetic_indexes": [{"vectors": 1000, "build_seconds": 1.0, "ask": pair, "recall_at_10": 0.99}],
        "cold_start_seconds": {"from process start": 2.0},
        "peak_memory_mb": 300.0,
        "passages_embedded_per_second": 4.0,
    }

    draw(figures, tmp_path / "plot.svg")

    assert "synthetic, 1,000 vectors" in written(figures)
    assert "vectors (synthetic)" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
