"""Holds every shipped page to docs/writing-pages.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.embedding import BundledEmbedder
from knowledge.facts import FactList, coverage_page, unexplained
from knowledge.ingest import LEXICON, PAGES
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.settings import SHIPPED_CORPUS
from knowledge.shipping import stale
from knowledge.style import problems_of

LOADED = load(SHIPPED_CORPUS / PAGES, Lexicon.read(SHIPPED_CORPUS / LEXICON), root_name=PAGES)
DOCUMENTS = LOADED.documents
ENGLISH = {document.front.id: document for document in DOCUMENTS if document.front.language == "en"}
FRENCH = {document.front.id: document for document in DOCUMENTS if document.front.language == "fr"}
COVERAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def test_every_shipped_page_can_be_read() -> None:
    assert [str(failure) for failure in LOADED.failures] == []


def test_every_page_exists_in_both_languages() -> None:
    assert set(ENGLISH) == set(FRENCH)


@pytest.mark.parametrize("name", sorted(set(ENGLISH) & set(FRENCH)))
def test_both_languages_of_a_page_say_the_same(name: str) -> None:
    english, french = ENGLISH[name], FRENCH[name]

    for key in ("kind", "audience", "markets", "vehicles", "features", "claims", "reviewed"):
        assert getattr(english.front, key) == getattr(french.front, key), key
    assert [_attributes(section) for section in english.sections] == [_attributes(section) for section in french.sections]
    for one, other in zip(english.sections, french.sections, strict=True):
        assert _figures(one.text) == _figures(other.text), one.id


def test_the_linter_finds_nothing_wrong_with_the_shipped_pages() -> None:
    assert [str(problem) for problem in problems_of(list(DOCUMENTS), SHIPPED_CORPUS)] == []


def test_every_fact_stands_on_a_page_or_is_left_out_with_a_reason() -> None:
    assert unexplained(list(DOCUMENTS), FactList.read(SHIPPED_CORPUS)) == []


def test_the_coverage_in_the_documentation_is_that_of_the_pages() -> None:
    models = Lexicon.read(SHIPPED_CORPUS / LEXICON).cars.models

    assert COVERAGE.read_text(encoding="utf-8") == coverage_page(list(DOCUMENTS), FactList.read(SHIPPED_CORPUS), models), (
        "run 'make content'"
    )


def test_the_shipped_vectors_are_those_of_the_shipped_pages() -> None:
    lacking, needless = stale(SHIPPED_CORPUS, BundledEmbedder().fingerprint)

    assert (len(lacking), len(needless)) == (0, 0), "run 'make vectors'"


def _attributes(section: object) -> tuple[object, ...]:
    return tuple(getattr(section, key) for key in ("id", "role", "task", "vehicles", "facts", "claims"))


def _figures(text: str) -> list[str]:
    return sorted(
        number.replace(",", ".")
        for number in re.findall(r"(?<![A-Za-z\d])\d+(?:[.,]\d+)?", re.sub(r"(?<=\d)[ \u00a0,](?=\d{3}\b)", "", text))
    )
