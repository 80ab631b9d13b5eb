"""Loads what the first question would otherwise wait for."""

from __future__ import annotations

from assistant.entailment.inference import Inference
from knowledge.embedding import Embedder
from knowledge.language import identify


def load_models(embedder: Embedder) -> None:
    """Load the models of language, meaning and inference. Raises `EmbedderError`, `ConfigurationError`."""
    identify("bonjour")
    embedder.embed_query("bonjour")
    Inference.shipped()
