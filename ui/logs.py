"""The server's log: one JSON object a line, and nothing in it that a visitor wrote or is.

Input: log records and requests. Output: lines on stderr. A request is told by its route, never by its address, its path or its
conversation; an error by its kind and where it came from, never by its message, which may quote what was asked.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)
_UNTOLD = ("/healthz", "/readyz", "/metrics")  # asked every few seconds, by machines
_FOLDERS = ("/store", "/marketing", "/own")  # what is below them says nothing to an operator


def begin_logging() -> None:
    """Write everything from INFO on as JSON lines to stderr."""
    handler = logging.StreamHandler()
    # On the handler too: some libraries set the level of their own loggers lower.
    handler.setLevel(logging.INFO)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells addresses


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object; `fields` of the record are added to it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "from": record.name, "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["where"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False)


class RequestLog:
    """Tells each request: method, route, status, milliseconds until the last byte. A pure ASGI middleware, so streams pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["path"] in _UNTOLD:
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000)
            fields = {"method": scope["method"], "route": _route(scope), "status": status, "ms": milliseconds}
            _log.info("request", extra={"fields": fields})


def _route(scope: Scope) -> str:
    """Return the pattern that a request matched, without what stood in its place."""
    folder = next((prefix for prefix in _FOLDERS if scope["path"].startswith(prefix)), None)
    return folder or str(getattr(scope.get("route"), "path", "unknown"))
