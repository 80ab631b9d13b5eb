"""The `openai` embedder: any endpoint that speaks OpenAI's embeddings API. The only module here that calls one."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from langchain_openai import OpenAIEmbeddings
from openai import OpenAIError
from pydantic import SecretStr

from knowledge.embedding import Vectors
from knowledge.errors import EmbedderError

_TIMEOUT_SECONDS = 20.0


class OpenAIEmbedder:
    """Vectors from an OpenAI-compatible endpoint, normalized to length 1."""

    def __init__(self, *, model: str, api_key: str, base_url: str | None) -> None:
        self._model = model
        self._base_url = base_url or "https://api.openai.com/v1"
        # check_embedding_ctx_length would fetch a tokenizer from the network before the first call.
        self._client = OpenAIEmbeddings(
            model=model,
            api_key=SecretStr(api_key),
            base_url=self._base_url,
            check_embedding_ctx_length=False,
            timeout=_TIMEOUT_SECONDS,
            max_retries=2,
        )

    @property
    def fingerprint(self) -> str:
        """Model and endpoint: the same name elsewhere may be another model."""
        return f"openai:{self._model}@{self._base_url}"

    @cached_property
    def dimensions(self) -> int:
        """Asked of the endpoint once."""
        return len(self.embed_query("dimensions"))

    def embed_query(self, text: str) -> Vectors:
        """See `knowledge.embedding.Embedder`."""
        return np.asarray(self._unit([text])[0], dtype=np.float32)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """See `knowledge.embedding.Embedder`: these models make no difference between a question and a passage."""
        return self.embed_passages(texts)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """See `knowledge.embedding.Embedder`."""
        return self._unit(texts) if texts else np.zeros((0, self.dimensions), dtype=np.float32)

    def _unit(self, texts: list[str]) -> Vectors:
        try:
            vectors = np.asarray(self._client.embed_documents(texts), dtype=np.float32)
        except (OpenAIError, ValueError, TypeError) as error:
            cure = f"Check OPENAI_BASE_URL, the key and BRAND_ASSISTANT_EMBEDDING_MODEL={self._model}."
            message = f"The embedding endpoint {self._base_url} failed ({type(error).__name__}). {cure}"
            raise EmbedderError(message) from error
        lengths = np.linalg.norm(np.atleast_2d(vectors), axis=1, keepdims=True)
        if lengths.shape != (len(texts), 1) or not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            message = f"The embedding endpoint {self._base_url} did not return one vector a text for {self._model}."
            raise EmbedderError(message)
        return np.asarray(vectors / lengths, dtype=np.float32)
