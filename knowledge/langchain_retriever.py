"""The retriever as LangChain knows it: a `BaseRetriever` over the live snapshot of one audience.

The audience is bound when the object is made, and a call takes nothing but the question: a call-time filter could
otherwise lift a restriction (measured on langchain-core 1.7.2).
"""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.search import Searcher


class BrandRetriever(BaseRetriever):
    """LangChain documents with `document_id`, `section`, `language`, `score` and sources in their metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: Searcher
    k: int = 10

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  LangChain hands it over by name
    ) -> list[LangChainDocument]:
        return [
            LangChainDocument(
                id=found.chunk.id,
                page_content=found.chunk.text,
                metadata={
                    "document_id": found.chunk.document_id,
                    "title": found.chunk.title,
                    "section": found.chunk.section,
                    "language": found.chunk.language,
                    "score": found.score,
                    "sources": [source.label for source in found.chunk.sources],
                },
            )
            for found in self.searcher.search(query, k=self.k)
        ]
