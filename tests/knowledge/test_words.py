"""Words are compared folded and stemmed, in every language and thread the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.words import _stemmers, fold, stems, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [("Régulateur", "regulateur"), ("ÇA", "ca"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("n°²", "n°2")],
)
def test_case_and_accents_do_not_count(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(("written", "folded"), [("manœuvre", "manoeuvre"), ("Œuvre", "oeuvre"), ("ex æquo", "ex aequo")])
def test_a_ligature_is_its_two_letters(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_words_are_letters_and_digits_in_order() -> None:
    found = words("L'ë-C3, 30 km/h… d\u2019accord ?")

    assert found == ["l", "e", "c3", "30", "km", "h", "d", "accord"]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("seats", "seat", "en"),
        ("braking", "brakes", "en"),
        ("suspensions", "suspension", "fr"),
        ("désactiver", "desactivez", "fr"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str, language: str) -> None:
    assert stems(one, language) == stems(other, language)


def test_small_words_are_left_out() -> None:
    assert stems("What is the comfort of my car", "en") == stems("comfort car", "en")


def test_small_words_with_accents_are_left_out_too() -> None:
    assert stems("à été", "fr") == []


def test_a_language_without_a_stemmer_keeps_its_words() -> None:
    assert stems("Seats and more", "xx") == ["seats", "and", "more"]


def test_each_thread_has_stemmers_of_its_own() -> None:
    with ThreadPoolExecutor(1) as thread:
        elsewhere = thread.submit(lambda: _stemmers.by_language["fr"]).result()

    assert elsewhere is not _stemmers.by_language["fr"]


def test_stems_are_the_same_from_several_threads() -> None:
    texts = [f"désactivations régulateurs suspensions {number} confortables" for number in range(200)]
    expected = [stems(text, "fr") for text in texts]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: stems(text, "fr"), texts * 5))

    assert found == expected * 5
