"""The staff pages are built when somebody first opens one: Gradio takes longer to load than everything a visitor needs.

Input: functions that make pages, by path. Output: an ASGI application that stands inside `StaffGate` and passes on the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

_SMALL = "64kb"


class PagesOnDemand:
    """Serves Gradio pages below their paths, each made at its first request. `pages` maps a path to what makes its page."""

    def __init__(self, app: ASGIApp, *, pages: dict[str, Callable[[], Any]]) -> None:
        self._app = app
        self._pages = pages
        self._made: dict[str, asyncio.Future[FastAPI]] = {}
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to its page, or on."""
        path = scope.get("path", "")
        prefix = next((known for known in self._pages if path == known or path.startswith(f"{known}/")), None)
        if scope["type"] not in ("http", "websocket") or prefix is None:
            await self._app(scope, receive, send)
            return
        page = await self._page(prefix)
        await page(scope, receive, send)

    async def _page(self, prefix: str) -> FastAPI:
        known = self._made.get(prefix)
        # What Gradio queues is worked off in the loop that made the page, and never in another.
        if known is None or known.get_loop() is not asyncio.get_running_loop():
            known = self._made[prefix] = asyncio.get_running_loop().create_future()
            try:
                made = await asyncio.to_thread(_mounted, self._pages[prefix], prefix)
                await self._running.enter_async_context(made.router.lifespan_context(made))
            except BaseException as error:
                del self._made[prefix]
                known.set_exception(error)
                raise
            known.set_result(made)
        return known.result() if known.done() else await known


def _mounted(make: Callable[[], Any], path: str) -> FastAPI:
    """Put a Gradio page into an application of its own, without uploads, monitoring or traces of errors."""
    import gradio as gr

    from ui.staff.frame import CSS, theme

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page = make()
    page.queue(max_size=64, default_concurrency_limit=4, api_open=False)
    gr.mount_gradio_app(
        app, page, path=path, show_error=False, max_file_size=_SMALL, allowed_paths=[], enable_monitoring=False, footer_links=[],
        theme=theme(), css=CSS,
    )  # fmt: skip
    return app
