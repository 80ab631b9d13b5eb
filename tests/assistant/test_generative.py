"""Sentences out of a model's stream: whole, with their citations and step numbers, or not at all."""

from __future__ import annotations

import pytest

from assistant.chat_model import ChatModelError
from assistant.composing.generative import Written, write
from knowledge.splitting import Chunk
from tests.assistant.retelling_factories import passage

PASSAGES = (passage("The limiter holds a ceiling."), passage("Cruise control holds a speed."))


def written(text: str, size: int = 5, language: str = "en") -> list[Written]:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return list(write(pieces, PASSAGES, language))


def told(text: str, size: int = 5) -> list[tuple[str, list[Chunk], int | None]]:
    return [(one.text, [PASSAGES.index(chunk) + 1 for chunk in one.chunks], one.step) for one in written(text, size)]


@pytest.mark.parametrize("size", [1, 3, 11, 500])
def test_sentences_come_with_the_passages_they_cite_however_the_stream_is_cut(size: int) -> None:
    text = "The limiter holds a ceiling. [1] At 30 km/h it stops. [1][2] Cruise control holds a speed [2]."

    assert told(text, size) == [
        ("The limiter holds a ceiling.", [1], None),
        ("At 30 km/h it stops.", [1, 2], None),
        ("Cruise control holds a speed.", [2], None),
    ]


@pytest.mark.parametrize("size", [1, 4, 500])
def test_a_list_item_is_one_piece_with_its_number(size: int) -> None:
    text = "Do this:\n1. Press **OK**. Then wait. [1]\n2. Turn the knob [1]\n3. Let go. [1]"

    assert told(text, size) == [("Press OK. Then wait.", [1], 1), ("Turn the knob", [1], 2), ("Let go.", [1], 3)]


@pytest.mark.parametrize("size", [1, 9])
def test_an_unfinished_sentence_is_never_given_out(size: int) -> None:
    assert told("The limiter holds a ceiling. [1] Cruise control holds a", size) == [("The limiter holds a ceiling.", [1], None)]
    assert told("1. Press OK. [1]\n2. Turn the", size) == [("Press OK.", [1], 1)]


def test_a_sentence_is_given_out_before_the_next_one_is_finished() -> None:
    stream = write(iter(["The limiter holds a ceiling. [1] Cruise", " control"]), PASSAGES, "en")

    assert next(stream).text == "The limiter holds a ceiling."


def test_a_citation_of_a_passage_that_is_not_there_does_not_resolve() -> None:
    assert [one.resolved for one in written("One is here. [1] Another is not. [7] Nor is zero. [0]")] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NO ANSWER", "no answer"),
        ("It holds. [1] It holds. [1] It holds. [1]", "repeats"),
        ("word " * 400, "does not end"),
        (" ".join(f"Sentence number {n} is here." for n in range(100)), "come to an end"),
    ],
)
def test_a_reply_that_is_none_is_a_failure(text: str, reason: str) -> None:
    with pytest.raises(ChatModelError, match=reason):
        written(text)
