"""Holds every shipped page to docs/writing-pages.md."""

from __future__ import annotations

import re

import pytest
import yaml

from knowledge.document import Document, Role
from knowledge.embedding import BundledEmbedder
from knowledge.ingest import LEXICON, PAGES
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.sentences import sentences
from knowledge.settings import SHIPPED_CORPUS
from knowledge.shipping import stale

LOADED = load(SHIPPED_CORPUS / PAGES, Lexicon.read(SHIPPED_CORPUS / LEXICON), root_name=PAGES)
DOCUMENTS = LOADED.documents
ENGLISH = {document.front.id: document for document in DOCUMENTS if document.front.language == "en"}
FRENCH = {document.front.id: document for document in DOCUMENTS if document.front.language == "fr"}
MOST_WORDS_IN_A_SENTENCE = 32  # the guide asks for 25; a quotation or a list of cars may need some more
OPENERS = {
    "en": re.compile(r"^(It|This|They|These|That)\b(?!\s+is (why|how))"),
    "fr": re.compile(r"^(Il|Elle|Ils|Elles|Cela|Ceci|Ce|C'est)\b(?! (faut|suffit|est conseillé|y a))"),
}
PROMISES = re.compile(
    r"\b(price|discount|instalment|guaranteed?|we promise)\b"
    r"|\b(prix|remise(?! à zéro)|rabais|mensualité|garanti[es]*|nous promettons)\b"
    r"|\d+ ?(€|euros?\b|£|\$)",
    re.IGNORECASE,
)
PROPER_NAMES = re.compile(r"Grand Prix", re.IGNORECASE)


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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.key)
def test_sentences_stand_alone(document: Document) -> None:
    opener = OPENERS[document.front.language]

    found = [sentence.text for sentence in _sentences(document) if opener.match(sentence.text)]

    assert found == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.key)
def test_sentences_can_be_said_aloud(document: Document) -> None:
    found = [sentence.text for sentence in _sentences(document) if len(sentence.text.split()) > MOST_WORDS_IN_A_SENTENCE]

    assert found == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.key)
def test_pages_make_no_commercial_promise(document: Document) -> None:
    sections = [section for section in document.sections if section.role not in (Role.NEVER_SAY, Role.OBJECTION)]

    found = [section.id for section in sections if PROMISES.search(PROPER_NAMES.sub("", section.text))]

    assert found == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.key)
def test_steps_are_numbered_lists_and_nothing_else_is(document: Document) -> None:
    for section in document.sections:
        steps = [sentence.step for sentence in sentences(section.text, document.front.language) if sentence.step]
        assert bool(steps) == (section.role is Role.STEPS), section.id
        assert steps == list(range(1, len(steps) + 1)), section.id


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_required_warning_is_on_its_page(language: str) -> None:
    required = yaml.safe_load((SHIPPED_CORPUS / "warnings.yaml").read_text(encoding="utf-8"))
    pages = FRENCH if language == "fr" else ENGLISH

    missing = [
        (row["page"], row["section"], car)
        for row in required
        for car in row["cars"]
        if not any(
            section.id == row["section"]
            and section.role is Role.WARNING
            and (car == "*" or car in {scope.label for scope in section.vehicles})
            for section in pages[row["page"]].sections
        )
    ]

    assert missing == []


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


def _sentences(document: Document) -> list[object]:
    return [sentence for section in document.sections for sentence in sentences(section.text, document.front.language)]
