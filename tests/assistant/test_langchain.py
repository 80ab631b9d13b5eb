"""The retriever and the assistant from LangChain."""

from __future__ import annotations

from assistant.assistant import Assistant
from assistant.langchain_runnable import as_runnable
from knowledge.embedding import BundledEmbedder
from knowledge.langchain_retriever import BrandRetriever
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import SnapshotStore


def test_the_retriever_gives_langchain_documents_with_their_sources(
    customer: Assistant, shipped_home: object, embedder: BundledEmbedder
) -> None:
    live = LiveSnapshot(SnapshotStore(shipped_home), "customer")
    retriever = BrandRetriever(searcher=Searcher(live, embedder), k=3)

    found = retriever.invoke("Where do progressive hydraulic cushions come from?")
    live.close()

    assert len(found) == 3
    assert found[0].metadata["document_id"] == "phc-origin"
    assert found[0].metadata["sources"]


def test_the_assistant_is_a_runnable(customer: Assistant) -> None:
    row = as_runnable(customer).invoke("À quoi servent les butées hydrauliques progressives ?")

    assert row["decision"] == "answer"
    assert row["citations"]
