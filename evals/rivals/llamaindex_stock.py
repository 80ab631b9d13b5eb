"""LlamaIndex with its in-memory vector index, its BM25 retriever, and its fusion by reciprocal rank."""
# mypy: ignore-errors

from llama_index.core import QueryBundle, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.retrievers.bm25 import BM25Retriever
from pydantic import PrivateAttr
from shared import run


class _Embedding(BaseEmbedding):
    _vectors = PrivateAttr()

    def __init__(self, vectors):
        super().__init__()
        self._vectors = vectors

    def _get_query_embedding(self, query):
        return self._vectors.query(query)

    def _get_text_embedding(self, text):
        return self._vectors.passages([text])[0]

    async def _aget_query_embedding(self, query):
        return self._get_query_embedding(query)


def set_up(passages, vectors):
    nodes = [TextNode(id_=name, text=text) for name, text in passages.items()]
    dense = VectorStoreIndex(nodes, embed_model=_Embedding(vectors)).as_retriever(similarity_top_k=10)
    bm25 = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=10)
    fusion = QueryFusionRetriever(
        [dense, bm25], similarity_top_k=10, num_queries=1, mode="reciprocal_rerank", use_async=False, llm=MockLLM()
    )
    ways = {"dense": dense, "bm25": bm25, "rank fusion": fusion}
    return {name: _search(retriever) for name, retriever in ways.items()}


def _search(retriever):
    return lambda query: [found.node.node_id for found in retriever.retrieve(QueryBundle(query))]


run("llamaindex", set_up)
