"""The web server: the customer page, the pages behind its sources, and the headers that keep both to themselves."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from assistant.assistant import Assistant
from assistant.bootstrap import open_assistant
from assistant.settings import Settings
from ui.chat_page import STYLE, chat_page
from ui.passages import gone_page, passage_page
from ui.texts import language_of

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
# Gradio's own page needs inline script and style; ours do not. Nothing may be fetched from or sent to another site.
_GRADIO_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self'; font-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'self'; "
    "object-src 'none'"
)
_OWN_POLICY = "default-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(), camera=()",
}
_SMALL = "64kb"


def create_app(assistant: Assistant) -> FastAPI:
    """Return the application over one assistant, which must be a customer's."""
    app = FastAPI(title="Citroën brand assistant", docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.url.path.startswith("/gradio_api/upload"):
            return JSONResponse({"error": "uploads are not accepted"}, status_code=403)
        response = await call_next(request)
        own = request.url.path.startswith(("/passages/", "/own/"))
        response.headers["Content-Security-Policy"] = _OWN_POLICY if own else _GRADIO_POLICY
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    @app.get("/healthz", include_in_schema=False)
    def healthy() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/passages/{chunk_id}", response_class=HTMLResponse)
    def passage(chunk_id: str, request: Request) -> HTMLResponse:
        page = assistant.page(chunk_id)
        if not page:
            return HTMLResponse(gone_page(language_of(request.headers.get("accept-language"))), status_code=404)
        return HTMLResponse(passage_page(page, chunk_id))

    app.mount("/own", StaticFiles(directory=_STATIC), name="own")
    page = chat_page(assistant)
    page.queue(max_size=64, default_concurrency_limit=4, api_open=False)
    mounted: FastAPI = gr.mount_gradio_app(
        app, page, path="/", show_error=False, max_file_size=_SMALL, allowed_paths=[], enable_monitoring=False,
        footer_links=[], css_paths=[STYLE], theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
    )  # fmt: skip
    return mounted


def run(*, host: str, port: int) -> None:
    """Serve until stopped. Raises what `open_assistant` raises."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with open_assistant(Settings.read(), "customer") as assistant:
        assistant.warm_up()
        print(f"The assistant is ready at http://{host}:{port}")
        uvicorn.run(create_app(assistant), host=host, port=port, log_level="warning", server_header=False)
