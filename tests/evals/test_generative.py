from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.answer import Answer, Citation, Decision, Question, Statement
from evals.cli import bench_app
from evals.generative import Judgement, Shown, Told, chosen, read_judgements, summary, tell, unjudged
from evals.questions import SETS, LabelledQuestion, SetError, read_questions
from tests.assistant.retelling_factories import passage

PAGE = passage("The limiter holds a ceiling. It works from 30 km/h.")
LABELLED = LabelledQuestion(id="q1", language="en", question="What is it?", relevant=("page",), style="plain")


def answer(*texts: str, decision: Decision = Decision.ANSWER) -> Answer:
    return Answer(
        decision=decision, text=" ".join(texts), language="en", question_language="en", conversation_id="c",
        statements=tuple(Statement(text=text, citations=(1,), grounded=True) for text in texts),
        citations=(Citation(n=1, chunk=PAGE, quote=PAGE.text),) if texts else (),
    )  # fmt: skip


def told_by(with_model: Answer, without: Answer) -> Told:
    return next(tell([LABELLED], lambda _: with_model, lambda _: without))


def test_only_what_is_in_the_model_s_words_waits_for_a_judge() -> None:
    told = told_by(answer("A ceiling is held.", "It works from 30 km/h."), answer("It works from 30 km/h."))

    assert [(one.text, one.by_model) for one in told.shown] == [
        ("A ceiling is held.", True),
        ("It works from 30 km/h.", False),
    ]
    assert PAGE.text in told.shown[0].sources[0]
    assert unjudged([told], []) == [told.shown[0]]


def test_still_useful_counts_what_was_useful_without_the_model() -> None:
    kept = told_by(answer("It works."), answer("It works."))
    lost = told_by(answer(decision=Decision.DECLINE), answer("It works."))
    never = told_by(answer(decision=Decision.DECLINE), answer(decision=Decision.DECLINE))

    found = summary([kept, lost, never], [])

    assert (found["useful"], found["useful_without"], found["still_useful"]) == (0.3333, 0.6667, 0.5)


def test_a_person_s_judgement_counts_for_its_sentence_and_passages_only() -> None:
    told = told_by(answer("A ceiling is held.", "Ceilings are good."), answer("It works."))
    judged = Judgement(text="Ceilings are good.", sources=told.shown[1].sources, unsupported=True)
    of_another_passage = Judgement(text="A ceiling is held.", sources=("Another passage.",), unsupported=True)

    found = summary([told], [judged, of_another_passage])

    assert (found["sentences shown in the model's words"], found["judged by a person"], found["found unsupported"]) == (2, 1, 1)
    assert unjudged([told], [judged, of_another_passage]) == [told.shown[0]]


def test_a_judgement_that_was_left_open_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    file.write_text('{"text": "A.", "sources": ["B."], "unsupported": null}\n', encoding="utf-8")

    with pytest.raises(SetError, match=r"told\.jsonl:1"):
        read_judgements(file)


def test_the_shipped_judgements_can_be_read() -> None:
    assert all(not one.unsupported or one.why for one in read_judgements(SETS / "told.jsonl"))


def test_without_a_model_the_command_says_what_is_missing() -> None:
    result = CliRunner().invoke(bench_app, ["generative"])

    assert result.exit_code != 0
    assert "BRAND_ASSISTANT_CHAT_MODEL" in result.output


def test_the_sample_is_the_same_each_time_and_of_development_halves_only() -> None:
    test_half = {question.question for question in read_questions(SETS / "retrieval.jsonl") if question.half == "test"}

    assert chosen(10) == chosen(10)
    assert len(chosen(10_000)) >= 100
    assert not test_half & {question.question for question in chosen(10_000)}


def test_what_was_written_down_is_read_with_unknown_keys_refused() -> None:
    with pytest.raises(ValueError, match="extra"):
        Shown.model_validate({"text": "a", "by_model": True, "sources": [], "extra": 1})


def test_a_question_is_asked_as_it_was_typed() -> None:
    asked: list[Question] = []

    def reply(question: Question) -> Answer:
        asked.append(question)
        return answer("It works.")

    list(tell([LABELLED], reply, reply))

    assert [question.text for question in asked] == ["What is it?", "What is it?"]
