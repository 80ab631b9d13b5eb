"""Questions that are none: a clear message in the right language, never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Decision
from assistant.understanding import QuestionError, clean
from tests.assistant.conftest import Ask


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x07\x1b", "\u200b\u200e\u2063"])
def test_nothing_to_read_asks_for_a_question(ask: Ask, text: str) -> None:
    answer = ask(text, language="en")

    assert answer.decision is Decision.DECLINE
    assert "I have not received a question" in answer.text


def test_twenty_thousand_characters_are_refused_politely_in_french(ask: Ask) -> None:
    answer = ask("a" * 20_000, language="fr")

    assert answer.decision is Decision.DECLINE
    assert "trop long" in answer.text
    assert "20000" in answer.text


def test_only_emoji_asks_for_words(ask: Ask) -> None:
    answer = ask("🚗🚗🚗", language="fr")

    assert answer.decision is Decision.DECLINE
    assert "avec des mots" in answer.text


def test_control_characters_inside_a_question_are_dropped(ask: Ask) -> None:
    answer = ask("À quoi ser\x00vent les bu\u200btées hydrauliques progressives ?")

    assert answer.decision is Decision.ANSWER


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_cleaned_or_refused(text: str) -> None:
    try:
        line = clean(text, 200)
    except QuestionError:
        return

    assert line
    assert "\n" not in line
    assert line.isprintable()


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_short_text_gets_an_answer_object(ask: Ask, text: str) -> None:
    answer = ask(text)

    assert answer.text
    assert answer.decision in Decision
