"""What a request may cost: size before it is read, number a minute by address. A pure ASGI middleware, so streams pass."""

from __future__ import annotations

import json
import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.metrics import Metrics

_LARGEST = 64 * 1024  # bytes of a body; a question of 10,000 characters fits with room to spare
_LIMITED = "/v1/"


class Limits:
    """Refuses bodies that are too large (413) and addresses that ask too much (429 with Retry-After)."""

    def __init__(self, app: ASGIApp, *, per_minute: int, trusted_proxy: bool, metrics: Metrics) -> None:
        self._app = app
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(per_minute)
        self._trusted_proxy = trusted_proxy
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not scope["path"].startswith(_LIMITED):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        address = self._address(scope, headers)
        if not self._limiter.hit(self._rate, address):
            self._metrics.refused.labels("rate").inc()
            wait = max(1, math.ceil(self._limiter.get_window_stats(self._rate, address).reset_time - time.time()))
            await _refuse(send, 429, "Too many requests. Try again later.", wait)
            return
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > _LARGEST:
            await self._too_large(send)
            return
        await self._app(scope, *self._counted(receive, send))

    def _counted(self, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Return `receive` and `send` that end a body which grows past the limit without having said so."""
        taken = 0
        answered = False

        async def receive_some() -> Message:
            nonlocal taken, answered
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > _LARGEST and not answered:
                answered = True
                await self._too_large(send)
                return {"type": "http.disconnect"}
            return message

        async def send_unless_refused(message: Message) -> None:
            if not answered:
                await send(message)

        return receive_some, send_unless_refused

    async def _too_large(self, send: Send) -> None:
        self._metrics.refused.labels("size").inc()
        await _refuse(send, 413, f"The request is too large: at most {_LARGEST} bytes.")

    def _address(self, scope: Scope, headers: dict[str, str]) -> str:
        if self._trusted_proxy and headers.get("x-forwarded-for"):
            return headers["x-forwarded-for"].rpartition(",")[2].strip()
        client = scope.get("client")
        return client[0] if client else "unknown"


async def _refuse(send: Send, status: int, message: str, retry_after: int | None = None) -> None:
    headers = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": message}).encode()})
