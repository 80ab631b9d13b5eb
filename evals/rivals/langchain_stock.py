"""LangChain on Chroma, as its guides put it together: vector store, BM25 retriever, and the two merged by rank (ensemble)."""
# mypy: ignore-errors

from collections import defaultdict

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from rank_bm25 import BM25Okapi
from shared import run


class _Embeddings(Embeddings):
    def __init__(self, vectors):
        self._vectors = vectors

    def embed_documents(self, texts):
        return self._vectors.passages(texts)

    def embed_query(self, text):
        return self._vectors.query(text)


def set_up(passages, vectors):
    store = Chroma(collection_name="bench", embedding_function=_Embeddings(vectors), collection_metadata={"hnsw:space": "cosine"})
    store.add_documents([Document(page_content=text, metadata={"id": name}) for name, text in passages.items()])
    # What langchain_community's BM25Retriever does with its defaults: split on blanks, Okapi.
    names = list(passages)
    words = BM25Okapi([text.split() for text in passages.values()])

    def dense(query, k=10):
        return [found.metadata["id"] for found in store.similarity_search(query, k=k)]

    def bm25(query, k=10):
        return words.get_top_n(query.split(), names, n=k)

    def fused(query):
        # EnsembleRetriever's defaults: equal weights, 1 / (60 + rank).
        scores = defaultdict(float)
        for ranking in (dense(query), bm25(query)):
            for rank, name in enumerate(ranking, start=1):
                scores[name] += 0.5 / (60 + rank)
        return sorted(scores, key=lambda name: -scores[name])

    return {"dense": dense, "bm25": bm25, "rank fusion": fused}


run("langchain", set_up)
