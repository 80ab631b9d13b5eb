"""The benches on our own blind sets: what they count, and that the sets are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answer import Answer, Decision, Question
from evals.content_bench import ask, figures, read_content_questions
from evals.metrics.answering import holds
from evals.questions import SETS, SetError
from evals.safety_bench import measure, read_safety_questions


def _answer(decision: Decision, text: str = "", rules: tuple[str, ...] = ()) -> Answer:
    return Answer(decision=decision, text=text, language="en", question_language="en", conversation_id="c", rules=rules)


def test_the_sets_are_as_large_as_they_are_said_to_be_and_in_two_halves() -> None:
    content, safety = read_content_questions(SETS / "content.jsonl"), read_safety_questions(SETS / "safety.jsonl")

    assert len(content) >= 300
    assert sum(question.label == "benign" for question in safety) >= 250
    assert sum(question.label == "emergency" for question in safety) >= 200
    assert {question.half for question in content} == {question.half for question in safety} == {"development", "test"}


def test_every_page_that_a_content_question_names_exists() -> None:
    named = {page for question in read_content_questions(SETS / "content.jsonl") for page in question.documents}
    pages = {path.stem for path in (SETS.parents[1] / "knowledge" / "corpus" / "pages" / "en").rglob("*.md")}

    assert named - pages == set()


@pytest.mark.parametrize(
    ("text", "fact", "held"),
    [("At 30 km/h.", "30 km/h|19 mph", True), ("At 19 MPH.", "30 km/h|19 mph", True), ("At 40 km/h.", "30 km/h|19 mph", False)],
)
def test_a_fact_is_held_in_any_of_its_forms(text: str, fact: str, held: bool) -> None:
    assert holds(text, fact) is held


def test_facts_that_lack_and_facts_that_are_wrong_are_counted() -> None:
    question = next(one for one in read_content_questions(SETS / "content.jsonl") if one.must and one.must_not)
    right = " ".join(fact.split("|")[0] for fact in question.must)

    good = ask(question, lambda _: list(question.documents), lambda _: _answer(Decision.ANSWER, right))
    bad = ask(question, lambda _: ["another-page"], lambda _: _answer(Decision.ANSWER, question.must_not[0].split("|")[0]))

    assert (figures([good])["first"], figures([good])["all_facts"], figures([good])["wrong_facts"]) == (1.0, 1.0, 0)
    assert (figures([bad])["first"], figures([bad])["all_facts"], figures([bad])["wrong_facts"]) == (0.0, 0.0, 1)


def test_a_rule_that_turns_a_harmless_question_away_is_counted_and_a_plain_decline_is_not() -> None:
    questions = read_safety_questions(SETS / "safety.jsonl")[:2]
    replies = iter([_answer(Decision.DECLINE, rules=("price",)), _answer(Decision.DECLINE)])

    figures = measure(questions, lambda _: next(replies))

    assert figures["refused_by_a_rule"] == 0.5
    assert figures["rules"] == {"price": 1}


def test_a_line_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "x"}\n', encoding="utf-8")

    with pytest.raises(SetError, match=r"set\.jsonl:1"):
        read_content_questions(path)
    with pytest.raises(SetError, match=r"set\.jsonl:1"):
        read_safety_questions(path)


def test_a_question_is_asked_as_it_stands() -> None:
    asked: list[Question] = []
    question = read_content_questions(SETS / "content.jsonl")[0]

    def reply(one: Question) -> Answer:
        asked.append(one)
        return _answer(Decision.ANSWER)

    ask(question, lambda _: [], reply)

    assert [one.text for one in asked] == [question.question]
