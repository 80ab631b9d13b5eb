"""What a chat model adds and costs: the labelled questions answered with it and without it.

Input: two assistants over one snapshot, one with the model. Output: `Told` for each question, and `summary` of them. The
sentences that the model wrote are given with the passages they cite, so that a person can judge them: the check that let
them through can't be its own judge.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from assistant.answer import Answer, Decision, Question
from evals.questions import LabelledQuestion

Reply = Callable[[Question], Answer]
_SEED = 20_261_123


class Shown(BaseModel):
    """One sentence of an answer. `by_model`: its words are not the passage's own; `sources` are the passages it cites."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    by_model: bool
    sources: tuple[str, ...]
    unsupported: bool | None = None  # what a person finds; None until one has looked


class Told(BaseModel):
    """One question answered with the model. `useful` and `useful_without`: a page that may answer it is cited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: str
    question: str
    decision: Decision
    composer: str
    seconds: float
    withheld: int
    useful: bool
    useful_without: bool
    text: str
    shown: tuple[Shown, ...]


def chosen(questions: list[LabelledQuestion], count: int) -> list[LabelledQuestion]:
    """Return `count` questions, the same ones each time, or all of them where there are fewer."""
    return random.Random(_SEED).sample(questions, min(count, len(questions)))  # noqa: S311  a sample, no secret


def tell(questions: list[LabelledQuestion], with_model: Reply, without: Reply) -> Iterator[Told]:
    """Yield each question as it is answered. Raises what the assistants raise."""
    for labelled in questions:
        question = Question(text=labelled.question)
        start = time.perf_counter()
        answer = with_model(question)
        seconds = time.perf_counter() - start
        yield Told(
            id=labelled.id,
            language=labelled.language,
            question=labelled.question,
            decision=answer.decision,
            composer=answer.composer,
            seconds=round(seconds, 2),
            withheld=answer.withheld,
            useful=_useful(answer, labelled),
            useful_without=_useful(without(question), labelled),
            text=answer.text,
            shown=_shown(answer),
        )


def summary(told: list[Told]) -> dict[str, Any]:
    """Return counts and shares. `still_useful` is among the questions that are answered usefully without the model."""
    shown = [one for row in told for one in row.shown if one.by_model]
    judged = [one for one in shown if one.unsupported is not None]
    before = [row for row in told if row.useful_without]
    times = sorted(row.seconds for row in told)
    return {
        "questions": len(told),
        "answered": sum(row.decision is Decision.ANSWER for row in told),
        "told by the model": sum(row.composer == "generative" for row in told),
        "sentences withheld": sum(row.withheld for row in told),
        "sentences shown in the model's words": len(shown),
        "judged by a person": len(judged),
        "found unsupported": sum(bool(one.unsupported) for one in judged),
        "useful": _share([row.useful for row in told]),
        "useful_without": _share([row.useful_without for row in told]),
        "still_useful": _share([row.useful for row in before]),
        "seconds, median": times[len(times) // 2] if times else None,
        "seconds, longest": times[-1] if times else None,
    }


def _share(hits: list[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def _useful(answer: Answer, labelled: LabelledQuestion) -> bool:
    cited = {citation.chunk.document_id for citation in answer.citations}
    return answer.decision is Decision.ANSWER and not cited.isdisjoint(labelled.relevant)


def _shown(answer: Answer) -> tuple[Shown, ...]:
    texts = {citation.n: citation.chunk.passage for citation in answer.citations}
    return tuple(
        Shown(
            text=statement.text,
            by_model=all(statement.text not in texts[number] for number in statement.citations),
            sources=tuple(texts[number] for number in statement.citations),
        )
        for statement in answer.statements
    )
