"""Sentences and steps are verbatim pieces of the text, in order, and nothing is lost between them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.sentences import sentences

PIECES = st.sampled_from(
    [
        "The car brakes at 30 km/h.", "It stops.", "Ist das so?", "La C5 X. Elle freine !", "« Bonjour. » dit-il.", "M. Dupont",
        "e.g. this", "1. Press SET.", "12) Release. Then wait.", "- dash", "3.5 bar", "…", "\n", "\n\n", " ", "\t",
        "  2. Indented", "A.B.C.", '"Quoted."', "100 %. Après", "\u00a0", "é", "¿Qué?", "1.", "word",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(alphabet="aB.!? \n1)é", max_size=12), max_size=12).map(" ".join)


def texts(text: str, language: str = "en") -> list[str]:
    return [sentence.text for sentence in sentences(text, language)]


@given(text=TEXTS, language=st.sampled_from(["fr", "en", "de", "xx"]))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_every_sentence_stands_in_the_text_in_order(text: str, language: str) -> None:
    position = 0

    for sentence in sentences(text, language):
        position = text.index(sentence.text, position) + len(sentence.text)

    assert position <= len(text)


@given(text=TEXTS, language=st.sampled_from(["fr", "en", "de", "xx"]))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_nothing_but_blanks_and_step_numbers_stands_between_sentences(text: str, language: str) -> None:
    rest = text

    for sentence in sentences(text, language):
        numbered = re.match(r"\s*\d{1,2}[.)]\s+" if sentence.step else r"\s*", rest)
        assert numbered
        assert rest.startswith(sentence.text, numbered.end())
        rest = rest[numbered.end() + len(sentence.text) :]

    assert not rest.strip()


def test_prose_is_cut_on_sentence_ends() -> None:
    found = texts("The foam is thick. Is it soft? Yes!")

    assert found == ["The foam is thick.", "Is it soft?", "Yes!"]


def test_a_unit_before_a_full_stop_ends_a_sentence() -> None:
    found = texts("The system works above 30 km/h. Below, it is off.")

    assert found == ["The system works above 30 km/h.", "Below, it is off."]


def test_an_abbreviation_ends_no_sentence() -> None:
    found = texts("Ask Mr. Smith about it.")

    assert found == ["Ask Mr. Smith about it."]


def test_a_paragraph_ends_a_sentence() -> None:
    found = texts("No full stop here\n\nA second paragraph.")

    assert found == ["No full stop here", "A second paragraph."]


def test_line_breaks_inside_a_sentence_stay() -> None:
    found = texts("One sentence\nover two lines.")

    assert found == ["One sentence\nover two lines."]


def test_steps_are_numbered_from_one_and_lose_their_written_number() -> None:
    found = sentences("Do this:\n1. Press SET. Hold it.\n2. Let go.", "en")

    assert [(sentence.text, sentence.step) for sentence in found] == [
        ("Do this:", None),
        ("Press SET. Hold it.", 1),
        ("Let go.", 2),
    ]


@pytest.mark.parametrize("text", ["", " \n \n"])
def test_no_text_has_no_sentences(text: str) -> None:
    found = sentences(text, "en")

    assert found == ()
