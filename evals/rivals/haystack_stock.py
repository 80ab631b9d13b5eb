"""Haystack with its in-memory document store: embedding retriever, BM25 retriever, and its joiner by reciprocal rank."""
# mypy: ignore-errors

from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from shared import run


def set_up(passages, vectors):
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    rows = zip(passages.items(), vectors.passages(list(passages.values())), strict=True)
    store.write_documents([Document(id=name, content=text, embedding=vector) for (name, text), vector in rows])
    by_vector, by_word = InMemoryEmbeddingRetriever(store, top_k=10), InMemoryBM25Retriever(store, top_k=10)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=10)

    def near(query):
        return by_vector.run(query_embedding=vectors.query(query))["documents"]

    def worded(query):
        return by_word.run(query=query)["documents"]

    ways = {
        "dense": near,
        "bm25": worded,
        "rank fusion": lambda query: joiner.run([near(query), worded(query)])["documents"],
    }
    return {name: _ids(search) for name, search in ways.items()}


def _ids(search):
    return lambda query: [document.id for document in search(query)]


run("haystack", set_up)
