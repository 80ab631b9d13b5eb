"""Searching the live snapshot, alone and as LangChain's retriever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.errors import SnapshotError
from knowledge.langchain_retriever import BrandRetriever
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from knowledge.settings import KnowledgeSettings
from knowledge.snapshots import SnapshotStore
from knowledge.vehicles import Vehicle
from tests.knowledge.conftest import NEW_TEXT, OLD_TEXT, Releases
from tests.knowledge.factories import ingested, page, search, section, settings_for

CARS = [{"model": "C4", "generation": "III"}, {"model": "C3", "generation": "IV"}]
PAGES: dict[str, str | bytes] = {
    "public.md": page(section("The lever is on the left."), id="lever", title="Lever", features=["cruise-control"]),
    "public.fr.md": page(
        section("Le levier est à gauche."), id="lever", title="Levier", language="fr", features=["cruise-control"]
    ),
    "other.md": page(section("The lever is on the left."), id="other-lever", title="Lever"),
    "france.md": page(section("The lever is French."), id="french-lever", title="Lever", markets=["FR"]),
    "cars.md": page(
        section("The lever is new.", name="c4", attributes='vehicles="C4 III"'),
        section("The lever is old.", name="c3", attributes='vehicles="C3 IV"'),
        id="cars",
        title="Lever",
        vehicles=CARS,
    ),
    "secret.md": page(section("Never say the lever is slow.", role="never-say"), id="secret", title="Lever", audience="sales"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeSettings:
    settings = settings_for(tmp_path_factory.mktemp("search"), PAGES)
    assert ingested(settings).failed == []
    return settings


@pytest.fixture
def customer(built: KnowledgeSettings) -> Iterator[LiveSnapshot]:
    live = LiveSnapshot(SnapshotStore(built.home), "customer")
    yield live
    live.close()


def test_customers_never_find_a_sales_passage(built: KnowledgeSettings) -> None:
    found = search(built, "Never say the lever is slow", k=100)

    assert found
    assert {item.chunk.audience for item in found} == {"customer"}


def test_the_folder_of_customers_holds_no_word_of_a_sales_page(customer: LiveSnapshot) -> None:
    with customer.lease() as snapshot:
        texts = [chunk.text for chunk in snapshot.index.chunks.values()]
        ids = {*snapshot.index.vectors.ids(), *snapshot.index.chunks, *snapshot.index.questions}

    assert not any("slow" in text for text in texts)
    assert not any(name.startswith("secret") for name in ids)


def test_salespeople_find_customer_and_sales_passages(built: KnowledgeSettings) -> None:
    found = search(built, "Never say the lever is slow", audience="sales", k=100)

    assert {item.chunk.audience for item in found} == {"customer", "sales"}


def test_the_features_of_the_release_count(built: KnowledgeSettings) -> None:
    found = search(built, "cruise control lever on the left", k=100)

    evidence = {item.chunk.document_id: item.evidence.feature for item in found}
    assert (evidence["lever"], evidence["other-lever"]) == (1.0, 0.0)


@pytest.mark.parametrize(("language", "shown"), [("fr", "lever.fr.what"), ("en", "lever.en.what"), ("de", "lever.fr.what")])
def test_passages_come_in_the_language_asked_for_or_french(built: KnowledgeSettings, language: str, shown: str) -> None:
    found = search(built, "cruise control lever", language=language, k=100)

    assert shown in [item.chunk.id for item in found]


def test_search_filters_by_market(built: KnowledgeSettings) -> None:
    abroad, at_home = (search(built, "French lever", market=market, k=100) for market in ("GB", "FR"))

    assert "french-lever" not in {item.chunk.document_id for item in abroad}
    assert "french-lever" in {item.chunk.document_id for item in at_home}


def test_search_filters_by_vehicle(built: KnowledgeSettings) -> None:
    found = search(built, "new lever", vehicle=Vehicle(model="C3", generation="IV"), k=100)

    assert [item.chunk.section_id for item in found if item.chunk.document_id == "cars"] == ["c3"]


def test_an_empty_question_is_no_crash(built: KnowledgeSettings) -> None:
    found = search(built, "")

    assert all(item.evidence.words == 0 for item in found)


def test_a_search_follows_the_pointer(releases: Releases) -> None:
    live = LiveSnapshot(releases.store, "customer")
    searcher = Searcher(live, FakeEmbedder())

    before = searcher.search("foam")[0].chunk.text
    releases.store.rollback()
    after = searcher.search("foam")[0].chunk.text
    live.close()

    assert (before, after) == (NEW_TEXT, OLD_TEXT)


def test_another_embedder_than_the_snapshots_is_refused(customer: LiveSnapshot) -> None:
    class OtherEmbedder(FakeEmbedder):
        fingerprint = "other:embedder"

    with pytest.raises(SnapshotError, match=r"built with fake:hashed-words-1, the settings name other:embedder.*ingest"):
        Searcher(customer, OtherEmbedder()).search("lever")


def test_searching_before_the_first_ingest_tells_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = settings_for(tmp_path_factory.mktemp("empty"))

    with pytest.raises(SnapshotError, match="Run 'brand-assistant ingest' to build the first one"):
        search(settings)


def test_langchain_gets_the_passages_with_their_metadata(customer: LiveSnapshot) -> None:
    retriever = BrandRetriever(searcher=Searcher(customer, FakeEmbedder()), k=3)

    documents = retriever.invoke("cruise control lever on the left")

    assert len(documents) == 3
    assert documents[0].page_content in ("Le levier est à gauche.", "The lever is on the left.")
    assert set(documents[0].metadata) >= {"document_id", "title", "section", "language", "score", "sources"}


def test_a_filter_given_to_langchain_lifts_no_restriction(customer: LiveSnapshot) -> None:
    retriever = BrandRetriever(searcher=Searcher(customer, FakeEmbedder()), k=100)

    documents = retriever.invoke("Never say the lever is slow", audience="sales", filter=None)

    assert documents
    assert "secret" not in {document.metadata["document_id"] for document in documents}
