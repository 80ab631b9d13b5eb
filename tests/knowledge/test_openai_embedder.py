"""The `openai` embedder against an endpoint on this machine: unit vectors, or an error that names the endpoint."""

from __future__ import annotations

import socket
from collections.abc import Callable

import numpy as np
import pytest

from knowledge.errors import EmbedderError
from knowledge.openai_embedder import OpenAIEmbedder
from tests.knowledge.embedding_server import EmbeddingServer, Reply, good, rows


def embedder_at(address: str) -> OpenAIEmbedder:
    return OpenAIEmbedder(model="small", api_key="secret-key", base_url=address)


def test_vectors_are_normalized() -> None:
    with EmbeddingServer(good).running() as server:
        vectors = embedder_at(server.address).embed_passages(["foam", "steel"])

    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)


def test_a_query_is_one_vector() -> None:
    with EmbeddingServer(good).running() as server:
        vector = embedder_at(server.address).embed_query("foam")

    assert (vector.shape, vector.dtype) == ((64,), np.float32)


def test_the_text_goes_to_the_endpoint_as_it_is_with_the_model() -> None:
    with EmbeddingServer(good).running() as server:
        embedder_at(server.address).embed_passages(["À quoi ?", "steel"])

    assert server.paths == ["/v1/embeddings"]
    assert (server.requests[0]["input"], server.requests[0]["model"]) == (["À quoi ?", "steel"], "small")


def test_dimensions_are_asked_once() -> None:
    with EmbeddingServer(good).running() as server:
        embedder = embedder_at(server.address)
        sizes = embedder.dimensions, embedder.dimensions

    assert (sizes, len(server.requests)) == ((64, 64), 1)


def test_no_texts_give_no_vectors() -> None:
    with EmbeddingServer(good).running() as server:
        vectors = embedder_at(server.address).embed_passages([])

    assert vectors.shape == (0, 64)


def test_the_fingerprint_names_model_and_endpoint() -> None:
    one, other = embedder_at("http://127.0.0.1:1/v1"), embedder_at("http://127.0.0.1:2/v1")

    assert one.fingerprint == "openai:small@http://127.0.0.1:1/v1"
    assert one.fingerprint != other.fingerprint


BROKEN: dict[str, Callable[[list[str]], Reply]] = {
    "too few vectors": lambda texts: (200, rows([[1.0, 0.0]] * (len(texts) - 1))),
    "too many vectors": lambda texts: (200, rows([[1.0, 0.0]] * (len(texts) + 1))),
    "vectors of different lengths": lambda _: (200, rows([[1.0, 0.0], [1.0]])),
    "empty vectors": lambda texts: (200, rows([[]] * len(texts))),
    "a vector of zeros": lambda texts: (200, rows([[0.0, 0.0]] * len(texts))),
    "not a number": lambda texts: (200, rows([[float("nan"), 1.0]] * len(texts))),
    "an error": lambda _: (500, b'{"error": {"message": "overloaded"}}'),
    "a refusal": lambda _: (401, b'{"error": {"message": "wrong key"}}'),
    "a web page": lambda _: (200, b"<html>Sign in</html>"),
    "other JSON": lambda _: (200, b'{"ok": true}'),
    "no body": lambda _: (200, b""),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_an_embedder_error_that_names_the_endpoint(reply: Callable[[list[str]], Reply]) -> None:
    with EmbeddingServer(reply).running() as server, pytest.raises(EmbedderError) as caught:
        embedder_at(server.address).embed_passages(["foam", "steel"])

    assert server.address in str(caught.value)
    assert "small" in str(caught.value)


def test_an_endpoint_that_is_not_there_is_an_embedder_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"

        with pytest.raises(EmbedderError, match="Check OPENAI_BASE_URL"):
            embedder_at(address).embed_query("foam")


def test_the_key_is_not_told_in_an_error() -> None:
    with EmbeddingServer(BROKEN["a refusal"]).running() as server, pytest.raises(EmbedderError) as caught:
        embedder_at(server.address).embed_query("foam")

    assert "secret-key" not in str(caught.value)
