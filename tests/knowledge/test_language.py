"""The language of short and mixed questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.language import LANGUAGES, identify
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.read(Path(SHIPPED_CORPUS) / "lexicon")


def read(text: str, lexicon: Lexicon, previous: str | None = None) -> str:
    return identify(text, names=lexicon.turns.names, vocabulary=lexicon.vocabulary, previous=previous)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Comment activer le régulateur ?", "fr"),
        ("jveux desactiver le truc qui bip quand je change de voie", "fr"),
        ("How do I switch on adaptive cruise control on a C5 Aircross?", "en"),
        ("turn off lane assist c4", "en"),
        ("¿Cómo activo el control de crucero en el C4?", "es"),
        ("Wie schalte ich den Tempomat ein?", "de"),
        ("Come attivo il cruise control sulla C3?", "it"),
        ("Como ligo o controlo de velocidade no C5 Aircross?", "pt"),
        ("Hoe zet ik de cruisecontrol aan?", "nl"),
    ],
)
def test_a_question_is_identified(lexicon: Lexicon, text: str, language: str) -> None:
    assert read(text, lexicon) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("como quito el stop start", "es"),
        ("carplay no me va tio", "es"),
        ("carplay nn va", "it"),
        ("brake hold uit", "nl"),
    ],
)
def test_words_of_a_language_count_where_letters_say_little(lexicon: Lexicon, text: str, language: str) -> None:
    assert identify(text, names=lexicon.turns.names) != language
    assert read(text, lexicon) == language


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_has_a_language(lexicon: Lexicon, text: str) -> None:
    assert read(text, lexicon) in LANGUAGES


@pytest.mark.parametrize("text", ["C4", "C5 Aircross 2019", "ok", "Stop & Go ?", "123"])
def test_names_alone_keep_the_language_of_the_conversation(lexicon: Lexicon, text: str) -> None:
    assert read(text, lexicon, previous="de") == "de"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Que signifie la signature « Inspired By You » ?", "fr"),
        ("O que quer dizer o vosso slogan Inspired By You?", "pt"),
        ("Was heißt Comfort is the new cool?", "de"),
        ("Oui are French: what was it?", "en"),
        ("Head Up Display reglage hauteur", "fr"),
        ("head up display zu dunkel", "de"),
    ],
)
def test_a_name_of_several_words_says_nothing_about_the_language(lexicon: Lexicon, text: str, language: str) -> None:
    assert read(text, lexicon) == language


@pytest.mark.parametrize("text", ["怎么关闭车道保持", "كيف أوقف مساعد المسار", "C4: πώς το κλείνω;"])
def test_other_letters_are_taken_for_the_language_of_the_conversation_or_english(lexicon: Lexicon, text: str) -> None:
    assert read(text, lexicon, previous="it") == "it"
    assert read(text, lexicon) == "en"


def test_a_new_language_in_a_whole_sentence_is_followed(lexicon: Lexicon) -> None:
    assert read("How do I switch it off when it rains?", lexicon, previous="fr") == "en"
