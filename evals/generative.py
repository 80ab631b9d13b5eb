"""`bench generative`: what a chat model adds and costs; labelled questions answered with it and without it.

Input: two assistants over one snapshot, one with the model. Output: `Told` for each question, and `summary` of them. The check
that let a model's sentence through can't be its own judge, so a person judges each against the passages it cites; judgements are
kept in `sets/told.jsonl` and count wherever the same sentence with the same passages is shown again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.answer import Answer, Decision, Question
from assistant.settings import Settings
from evals.content_bench import read_content_questions
from evals.questions import SETS, LabelledQuestion, SetError, read_questions

Reply = Callable[[Question], Answer]
_SEED = 20_261_123
_PATIENCE, _TOTAL_PATIENCE, _TOKENS = 120.0, 280.0, 160


class Judgement(BaseModel):
    """What a person found of a sentence that a model wrote, beside the passages that it cites."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    sources: tuple[str, ...]
    unsupported: bool
    why: str | None = None


class Shown(BaseModel):
    """One sentence of an answer. `by_model`: its words are not the passage's own; `sources` are the passages it cites."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    by_model: bool
    sources: tuple[str, ...]


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


def read_judgements(path: Path) -> list[Judgement]:
    """Return the judgements in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(Judgement.model_validate_json(line))
        except ValidationError as error:
            message = f"{path}:{number}: this is not a judgement: {error}. Fill in unsupported with true or false."
            raise SetError(message) from error
    return found


def chosen(count: int) -> list[LabelledQuestion]:
    """Return `count` questions, the same ones each time, or all there are where these are fewer.

    Only of development halves: who judges the answers sees them. Raises `SetError`.
    """
    known = [question for question in read_questions(SETS / "retrieval.jsonl") if question.half == "development"]
    known += [
        LabelledQuestion(id=one.id, language=one.language, question=one.question, relevant=one.documents, style=one.style)
        for one in read_content_questions(SETS / "content.jsonl")
        if one.half == "development"
    ]
    return random.Random(_SEED).sample(known, min(count, len(known)))  # noqa: S311  a sample, no secret


def patient_settings(settings: Settings, address: str) -> Settings:
    """Return settings for the tiny model at `address`, which shares its processor with everything else."""
    return settings.model_copy(
        update={
            "chat_model": "tiny", "chat_base_url": address, "chat_max_tokens": _TOKENS, "chat_first_seconds": _PATIENCE,
            "chat_gap_seconds": _PATIENCE, "chat_total_seconds": _TOTAL_PATIENCE,
        }
    )  # fmt: skip


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


def summary(told: list[Told], judgements: list[Judgement]) -> dict[str, Any]:
    """Return counts and shares. `still_useful` is among the questions that are answered usefully without the model."""
    shown = {(one.text, one.sources) for row in told for one in row.shown if one.by_model}
    judged = {(one.text, one.sources): one.unsupported for one in judgements}
    before = [row for row in told if row.useful_without]
    times = sorted(row.seconds for row in told)
    return {
        "questions": len(told),
        "answered": sum(row.decision is Decision.ANSWER for row in told),
        "told by the model": sum(row.composer == "generative" for row in told),
        "sentences withheld": sum(row.withheld for row in told),
        "sentences shown in the model's words": len(shown),
        "judged by a person": sum(one in judged for one in shown),
        "found unsupported": sum(judged.get(one, False) for one in shown),
        "useful": _share([row.useful for row in told]),
        "useful_without": _share([row.useful_without for row in told]),
        "still_useful": _share([row.useful for row in before]),
        "seconds, median": times[len(times) // 2] if times else None,
        "seconds, longest": times[-1] if times else None,
    }


def unjudged(told: list[Told], judgements: list[Judgement]) -> list[Shown]:
    """Return the sentences in the model's words that nobody has judged, each once."""
    judged = {(one.text, one.sources) for one in judgements}
    waiting = {
        (one.text, one.sources): one
        for row in told
        for one in row.shown
        if one.by_model and (one.text, one.sources) not in judged
    }
    return list(waiting.values())


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
