"""A chat endpoint on a real socket that is good, or broken in a named way. Raw bytes, so that anything can be broken.

A behaviour gets the connection and the request, and writes what it likes: `good`, `cut`, `refusing`, `silent`, `endless`, …
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Behaviour = Callable[["Connection"], None]
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
DONE = b"data: [DONE]\n\n"


@dataclass
class Connection:
    """One request; `gone` is set once the client has closed its side."""

    socket: socket.socket
    body: dict[str, Any]
    stopped: threading.Event
    gone: threading.Event = field(default_factory=threading.Event)

    def send(self, data: bytes) -> bool:
        """Send, and say whether the client is still there."""
        try:
            self.socket.sendall(data)
        except OSError:
            self.gone.set()
        return not self.gone.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the time is over, the client leaves or the server stops; say whether the client is still there."""
        until = time.monotonic() + seconds
        self.socket.settimeout(0.02)
        while time.monotonic() < until and not self.stopped.is_set() and not self.gone.is_set():
            try:
                if not self.socket.recv(1024):
                    self.gone.set()
            except TimeoutError:
                continue
            except OSError:
                self.gone.set()
        self.socket.settimeout(None)
        return not self.gone.is_set()


class FaultServer:
    """Answers every request with `behaviour`; `connections` are the requests it got."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.connections: list[Connection] = []
        self._stopped = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.05)
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        self._threads = [threading.Thread(target=self._accept)]

    @contextmanager
    def running(self) -> Iterator[FaultServer]:
        self._threads[0].start()
        try:
            yield self
        finally:
            self._stopped.set()
            for thread in self._threads:
                thread.join()
            self._listening.close()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                accepted, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(accepted,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, accepted: socket.socket) -> None:
        with accepted:
            accepted.settimeout(5)
            with suppress(OSError, ValueError):
                connection = Connection(accepted, _request(accepted), self._stopped)
                accepted.settimeout(None)
                self.connections.append(connection)
                self.behaviour(connection)


def _request(accepted: socket.socket) -> dict[str, Any]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += accepted.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += accepted.recv(65_536)
    return json.loads(body)


def piece(text: str | None, finish: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def stream_of(text: str, size: int = 12) -> bytes:
    """The bytes of a whole good reply."""
    pieces = [piece(text[start : start + size]) for start in range(0, len(text), size)]
    return SSE + b"".join(pieces) + piece(None, "stop") + DONE


def good(text: str) -> Behaviour:
    return raw(stream_of(text))


def raw(data: bytes) -> Behaviour:
    def behave(connection: Connection) -> None:
        connection.send(data)

    return behave


def status(code: int, *headers: str, body: bytes = b'{"error": {"message": "no"}}') -> Behaviour:
    head = f"HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return raw((head + "".join(f"{header}\r\n" for header in headers)).encode() + b"\r\n" + body)


def silent(connection: Connection) -> None:
    connection.wait(60)


def silent_after(text: str) -> Behaviour:
    def behave(connection: Connection) -> None:
        connection.send(SSE + piece(text))
        connection.wait(60)

    return behave


def dripping(connection: Connection) -> None:
    """Keep the connection busy without ever saying anything."""
    connection.send(SSE)
    while connection.wait(0.05) and not connection.stopped.is_set():
        connection.send(b": still here\n\n" + piece(""))


def endless(text: str, pause: float = 0.01) -> Behaviour:
    def behave(connection: Connection) -> None:
        connection.send(SSE)
        while connection.send(piece(text)) and connection.wait(pause) and not connection.stopped.is_set():
            pass

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first request gets the first behaviour, and so on; the last one stays."""
    left = list(behaviours)

    def behave(connection: Connection) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection)

    return behave


def _line(data: bytes) -> bytes:
    return SSE + b"data: " + data + b"\n\n"


_FINISH = piece(None, "stop") + DONE
MALFORMED: dict[str, bytes] = {
    "nothing at all": b"",
    "not HTTP": b"hello there\n",
    "half a header": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "a page of HTML with status 200": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>In</html>",
    "HTML inside an event": _line(b"<html>Bad gateway</html>"),
    "an empty stream": SSE,
    "only the end mark": SSE + DONE,
    "a cut line of JSON": SSE + piece("Hello.") + b'data: {"id": "c", "choi',
    "not JSON": _line(b"{not json}") + _FINISH,
    "a JSON string": _line(b'"hello"') + _FINISH,
    "a JSON list": _line(b"[1, 2]") + _FINISH,
    "a JSON number": _line(b"7") + _FINISH,
    "JSON null": _line(b"null") + _FINISH,
    "an empty object": _line(b"{}") + DONE,
    "empty choices and no end": _line(b'{"choices": []}') + DONE,
    "choices null": _line(b'{"id": "c", "choices": null}') + DONE,
    "choices a string": _line(b'{"id": "c", "choices": "none"}') + DONE,
    "a choice that is null": _line(b'{"id": "c", "choices": [null]}') + DONE,
    "no delta": _line(b'{"id": "c", "choices": [{"index": 0}]}') + DONE,
    "a delta that is a string": _line(b'{"id": "c", "choices": [{"index": 0, "delta": "Hello."}]}') + DONE,
    "content that is a number": _line(b'{"id": "c", "choices": [{"index": 0, "delta": {"content": 7}}]}') + DONE,
    "content that is an object": _line(b'{"id": "c", "choices": [{"index": 0, "delta": {"content": {"a": 1}}}]}') + DONE,
    "an error in the stream": _line(b'{"error": {"message": "overloaded", "code": 500}}') + DONE,
    "bytes that are no UTF-8": _line(b'{"choices": [{"delta": {"content": "\xff\xfe"}}]}') + DONE,
    "a reply cut for content": SSE + piece("Hello.") + piece(None, "content_filter") + DONE,
    "no finish reason": SSE + piece("Hello. ") + DONE,
    "a call of a tool": _line(
        b'{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0}]}, "finish_reason": "tool_calls"}]}'
    ),
    "a whole reply instead of a stream": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
        b'{"id": "c", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}]}'
    ),
    "a wrong length": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 999999\r\n\r\n" + piece("Hi."),
    "a broken chunk size": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
    "a redirect to itself": b"HTTP/1.1 302 Found\r\nLocation: /v1/chat/completions\r\nContent-Length: 0\r\n\r\n",
}
