"""The index of one audience: what goes in can be opened, found and counted again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from knowledge.centres import Centres
from knowledge.embedding import FakeEmbedder
from knowledge.errors import SnapshotError
from knowledge.index import Index, entries_of
from knowledge.manifest import hash_tree
from tests.knowledge.factories import document, page, section, write

FOAM = page(section("The foam of the seats is thick."), questions=["Are the seats soft?", "Is it foam?"])
STEEL = page(section("Steel springs carry the car."), id="springs", title="Springs")
FRENCH = page(section("La mousse des sièges est épaisse."), title="Sièges confortables", language="fr")


@contextmanager
def index_of(folder: Path, *pages: str) -> Iterator[Index]:
    documents = [document(text, folder) for text in pages]
    Index.build(folder / "index", documents, FakeEmbedder().embed_passages)
    index = Index(folder / "index")
    try:
        yield index
    finally:
        index.close()


def test_the_entries_of_a_page_are_its_chunks_then_its_questions(tmp_path: Path) -> None:
    entries = entries_of(document(FOAM, tmp_path))

    assert [entry.id for entry in entries] == ["seats.en.what", "seats.en?*:1", "seats.en?*:2"]
    assert entries[1].text == "Are the seats soft?"


def test_how_people_ask_is_an_entry_behind_the_questions(tmp_path: Path) -> None:
    asked = document(FOAM, tmp_path).model_copy(update={"asks": {"what": ("my back hurts",)}})

    entries = entries_of(asked)

    assert (entries[-1].id, entries[-1].text) == ("seats.en?what:3", "my back hurts")


def test_building_tells_the_ids_of_all_entries(tmp_path: Path) -> None:
    documents = [document(FOAM, tmp_path), document(STEEL, tmp_path)]

    ids = Index.build(tmp_path / "index", documents, FakeEmbedder().embed_passages)

    assert ids == ["seats.en.what", "seats.en?*:1", "seats.en?*:2", "springs.en.what"]


def test_chunks_come_back_as_they_went_in(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM) as index:
        chunk = index.chunks["seats.en.what"]

    assert (chunk.text, chunk.title) == ("The foam of the seats is thick.", "Comfortable seats")


def test_every_entry_has_a_vector(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM, STEEL) as index:
        ids = index.vectors.ids()

    assert ids == {"seats.en.what", "seats.en?*:1", "seats.en?*:2", "springs.en.what"}


def test_questions_come_back_by_document_key(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM, STEEL) as index:
        questions = index.questions

    assert questions == {"seats.en": ["Are the seats soft?", "Is it foam?"], "springs.en": []}


def test_the_nearest_vector_is_that_of_the_same_text(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM, STEEL) as index:
        (nearest, *_) = index.vectors.nearest(FakeEmbedder().embed_query("Are the seats soft?"), 3)

    assert nearest == ("seats.en?*:1", pytest.approx(1.0, abs=1e-5))


def test_every_vector_finds_itself(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM, STEEL, FRENCH) as index:
        found = index.vectors.self_found(10, 10_000)

    assert found == (5, 5)


def test_words_are_kept_by_language(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM, FRENCH) as index:
        languages = index.words.languages

    assert languages == ["en", "fr"]


def test_a_text_with_every_word_of_the_question_scores_above_one_with_some(tmp_path: Path) -> None:
    both = page(section("Steel foam."), id="both", title="B")
    one = page(section("Steel air."), id="one", title="O")

    with index_of(tmp_path, both, one, STEEL) as index:
        scores = index.words.match("foam and steel", 10)

    assert scores["both.en.what"] > scores["one.en.what"] > 0


def test_a_question_of_words_that_no_text_holds_finds_none(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM) as index:
        scores = index.words.match("Ulaanbaatar", 10)

    assert scores == {}


def test_a_strange_word_lowers_the_score_of_a_question(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM, STEEL) as index:
        known, strange = (index.words.match(text, 10)["seats.en.what"] for text in ("thick foam", "thick foam Ulaanbaatar"))

    assert strange < known <= 1.0


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1e"], ids=lambda mark: f"U+{ord(mark):04X}")
def test_a_page_with_an_unusual_line_break_can_be_opened_again(mark: str, tmp_path: Path) -> None:
    with index_of(tmp_path, page(section(f"One line.{mark}Another line."))) as index:
        chunk = index.chunks["seats.en.what"]

    assert chunk.text == f"One line.{mark}Another line."


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    with index_of(tmp_path) as index:
        found = index.vectors.nearest(FakeEmbedder().embed_query("foam"), 5), index.words.match("foam", 5), index.chunks

    assert found == ([], {}, {})


def test_an_index_is_read_from_several_threads(tmp_path: Path) -> None:
    vectors = [FakeEmbedder().embed_query(text) for text in ("foam", "steel", "mousse")] * 10

    with index_of(tmp_path, FOAM, STEEL, FRENCH) as index, ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda vector: index.vectors.nearest(vector, 3), vectors))
        expected = [index.vectors.nearest(vector, 3) for vector in vectors]

    assert found == expected


@pytest.mark.parametrize("name", ["chunks.jsonl", "questions.json", "words/en/ids.json", "words/en/idf.json"])
def test_an_unreadable_part_is_a_snapshot_error(name: str, tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM):
        pass
    write(tmp_path / "index" / name, "{")

    with pytest.raises(SnapshotError, match="can't be read"):
        Index(tmp_path / "index")


def test_vectors_that_are_missing_are_a_snapshot_error(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    Index.build(folder, [document(FOAM, tmp_path)], FakeEmbedder().embed_passages)
    (folder / "vectors").rename(folder / "gone")

    with pytest.raises(SnapshotError, match="can't be read"):
        Index(folder)


def test_an_index_can_be_built_on_one_over_some_of_its_pages(tmp_path: Path) -> None:
    few, more = [document(FOAM, tmp_path)], [document(STEEL, tmp_path), document(FOAM, tmp_path)]
    Index.build(tmp_path / "few", few, FakeEmbedder().embed_passages)
    before = hash_tree(tmp_path / "few")

    ids = Index.build(tmp_path / "more", more, FakeEmbedder().embed_passages, base=tmp_path / "few")

    index = Index(tmp_path / "more")
    found, held, chunks = index.vectors.self_found(10, 10_000), index.vectors.ids(), set(index.chunks)
    index.close()
    assert (found, held) == ((4, 4), set(ids))
    assert chunks == {"seats.en.what", "springs.en.what"}
    assert hash_tree(tmp_path / "few") == before


def test_an_index_that_is_built_on_another_centres_vectors_as_that_one_does(tmp_path: Path) -> None:
    sections = [section(f"Passage {number}.", name=f"s{number}") for number in range(200)]
    many = document(page(*sections, questions=[f"What is {number}?" for number in range(200)]), tmp_path)
    Index.build(tmp_path / "few", [many], FakeEmbedder().embed_passages)

    Index.build(tmp_path / "more", [many, document(STEEL, tmp_path)], FakeEmbedder().embed_passages, base=tmp_path / "few")

    few, more = Centres.read(tmp_path / "few"), Centres.read(tmp_path / "more")
    assert few.questions.any()
    assert np.array_equal(few.questions, more.questions)
    assert np.array_equal(few.passages, more.passages)


def test_an_index_without_entries_can_be_built_on(tmp_path: Path) -> None:
    Index.build(tmp_path / "none", [], FakeEmbedder().embed_passages)

    ids = Index.build(tmp_path / "some", [document(STEEL, tmp_path)], FakeEmbedder().embed_passages, base=tmp_path / "none")

    assert ids == ["springs.en.what"]


def test_embedding_is_asked_for_the_entries_in_their_order(tmp_path: Path) -> None:
    asked: list[str] = []

    def embed(texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return FakeEmbedder().embed_passages(texts)

    Index.build(tmp_path / "index", [document(FOAM, tmp_path)], embed)

    assert asked == [entry.text for entry in entries_of(document(FOAM, tmp_path))]


def test_a_question_is_as_near_to_silence_as_to_what_no_page_answers(tmp_path: Path) -> None:
    silent = ["what is the wake word", "the wake word is what", "is what the wake word", "who drew the logo"]
    Index.build(tmp_path / "index", [document(FOAM, tmp_path)], FakeEmbedder().embed_passages, silent=silent)
    index = Index(tmp_path / "index")
    known, other = FakeEmbedder().embed_passages(["what is the wake word", "are the seats soft"])

    nearness, of_other, but_itself = index.silence(known), index.silence(other), index.silence(known, but_itself=True)

    index.close()
    assert nearness > of_other
    assert nearness > but_itself


def test_without_questions_that_no_page_answers_nothing_is_near_to_silence(tmp_path: Path) -> None:
    with index_of(tmp_path, FOAM) as index:
        assert index.silence(FakeEmbedder().embed_passages(["are the seats soft"])[0]) == 0.0
