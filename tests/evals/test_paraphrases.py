"""The set of paraphrases, and how what is let through is counted. The measured figure is `brand-assistant bench paraphrases`."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.mutations import Mutation, Place
from evals.paraphrases import Paraphrase, Retelling, accepted, read_paraphrases, read_retellings, rejected, retold
from evals.questions import SETS, SetError
from knowledge.splitting import Chunk
from tests.assistant.retelling_factories import passage

PAGE = passage("The limiter holds a ceiling. It works from 30 km/h.")
PLACES = [Place(sentence=text, chunk=PAGE, number=0) for text in ("The limiter holds a ceiling.", "It works from 30 km/h.")]


def says_forty(text: str, chunk: Chunk, language: str) -> tuple[str, ...]:
    return ("number: 40",) if "40" in text else ()


def paraphrase(number: int, source: str, text: str) -> Paraphrase:
    return Paraphrase(id=f"en-{number:02d}", language="en", document="en/page", source=source, paraphrase=text)


def test_the_set_has_sixty_sentences_of_each_language_and_both_halves() -> None:
    found = read_paraphrases(SETS / "paraphrases.jsonl")

    assert len({one.id for one in found}) == len(found)
    for language in ("fr", "en"):
        assert sum(one.language == language for one in found) >= 60
        assert {one.half for one in found if one.language == language} == {"development", "test"}


def test_what_is_learnt_from_is_no_paraphrase_that_is_measured() -> None:
    measured = {one.source for one in read_paraphrases(SETS / "paraphrases.jsonl")}

    assert not measured & {one.source for one in read_retellings(SETS / "retellings.jsonl")}


def test_a_paraphrase_counts_as_accepted_when_nothing_speaks_against_it() -> None:
    rows = [
        paraphrase(1, "The limiter holds a ceiling.", "A ceiling is held."),
        paraphrase(2, "It works from 30 km/h.", "It works from 40 km/h."),
        paraphrase(3, "A sentence that was on the page once.", "Once."),
    ]

    table, withheld = accepted(rows, PLACES, says_forty)

    assert table["all"] == {"sentences": 2, "share": 0.5}
    assert table["sentences no longer on the pages"] == 1
    assert [(one.id, reasons) for one, reasons in withheld] == [("en-02", ("number: 40",))]


def test_sentences_told_anew_count_as_shown_or_withheld_by_whether_they_are_true() -> None:
    source = "It works from 30 km/h."
    rows = [
        Retelling(language="en", document="page", source=source, claim=claim, faithful=faithful)
        for claim, faithful in (("From 30 km/h.", True), ("Not below 40.", True), ("From 40 km/h.", False), ("Works.", False))
    ]

    table = retold(rows, PLACES, says_forty)

    assert table["en faithful, shown"] == table["en wrong, withheld"] == {"sentences": 2, "share": 0.5}
    assert table["fr wrong, withheld"]["sentences"] == 0


def test_a_mutation_counts_as_rejected_when_something_speaks_against_it() -> None:
    rows = [
        Mutation(kind="number", language="en", original="It works from 30 km/h.", claim=claim, chunk=PAGE)
        for claim in ("It works from 40 km/h.", "It works from 50 km/h.")
    ]

    table, shown = rejected(rows, says_forty)

    assert table["en number"] == {"sentences": 2, "share": 0.5}
    assert shown == [rows[1]]


def test_a_line_that_is_no_paraphrase_is_refused_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text('{"id": "en-01"}\n', encoding="utf-8")

    with pytest.raises(SetError, match=r"set\.jsonl:1"):
        read_paraphrases(tmp_path / "set.jsonl")
