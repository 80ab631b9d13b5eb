"""The language of short and mixed questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.language import identify
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS


@pytest.fixture(scope="module")
def names() -> object:
    return Lexicon.read(Path(SHIPPED_CORPUS) / "lexicon").turns.names


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
def test_a_question_is_identified(names: object, text: str, language: str) -> None:
    assert identify(text, names=names) == language


@pytest.mark.parametrize("text", ["C4", "C5 Aircross 2019", "ok", "Stop & Go ?", "123"])
def test_names_alone_keep_the_language_of_the_conversation(names: object, text: str) -> None:
    assert identify(text, names=names, previous="de") == "de"


def test_a_new_language_in_a_whole_sentence_is_followed(names: object) -> None:
    assert identify("How do I switch it off when it rains?", names=names, previous="fr") == "en"
