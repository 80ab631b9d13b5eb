"""A tiny OpenAI-compatible embeddings endpoint on this machine, good or broken in a named way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from knowledge.embedding import FakeEmbedder

Reply = tuple[int, bytes]


class EmbeddingServer:
    """Answers with `reply`; `requests` are the JSON bodies it got, `paths` where they went."""

    def __init__(self, reply: Callable[[list[str]], Reply]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(reply))
        self.address = f"http://127.0.0.1:{self._http.server_port}/v1"

    def _handler(self, reply: Callable[[list[str]], Reply]) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(body)
                server.paths.append(self.path)
                status, answer = reply(body["input"])
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("x-should-retry", "false")  # the client obeys it; its pauses would only slow the test
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002  the base class names it
                pass

        return Handler

    @contextmanager
    def running(self) -> Iterator[EmbeddingServer]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()


def rows(vectors: list[list[float]]) -> bytes:
    """The body of a good answer."""
    listed = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return json.dumps({"object": "list", "model": "m", "data": listed, "usage": {"prompt_tokens": 1, "total_tokens": 1}}).encode()


def good(texts: list[str]) -> Reply:
    """`FakeEmbedder`'s vectors, three times too long."""
    return 200, rows([[3 * float(value) for value in vector] for vector in FakeEmbedder().embed_passages(texts)])
