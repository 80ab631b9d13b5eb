"""The web server: the API, the customer page, the pages behind its sources, and the headers that keep them to themselves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from assistant.assistant import Assistant
from assistant.bootstrap import open_assistant, open_records
from assistant.loading import load_models
from assistant.records import Records
from assistant.records.users import Users
from assistant.settings import Settings
from evals.settings import EvalSettings
from knowledge.embedding import Embedder, make_embedder
from ui.api import briefings, chat, completions, conversations, health, sign_in
from ui.api.headers import SecurityHeaders
from ui.api.limits import Limits
from ui.api.metrics import Metrics
from ui.api.oidc import add_oidc
from ui.api.state import State
from ui.api.streaming import Answering
from ui.api.visitors import HEADER
from ui.customer_page import customer_page
from ui.logs import RequestLog, begin_logging
from ui.passages import gone_page, passage_page
from ui.staff.gate import StaffGate
from ui.staff.on_demand import PagesOnDemand
from ui.staff.words import LANGUAGES
from ui.texts import TEXTS, language_of

_log = logging.getLogger(__name__)
Surfaces = Literal["public", "staff", "all"]
_STATIC = Path(__file__).parent / "static"
_GRACE_SECONDS = 5  # beyond the longest that an answer may take


@contextmanager
def parts(
    settings: Settings, customer: Assistant, records: Records, embedder: Embedder, *, sales: Assistant | None = None
) -> Iterator[State]:
    """Lend what the routes share; answers under way are finished at the end."""
    answering = Answering(settings.concurrent_answers, settings.waiting_answers)
    try:
        yield State(
            settings=settings, customer=customer, sales=sales, embedder=embedder, records=records, users=Users(records.engine),
            answering=answering, metrics=Metrics(), problems=customer.contact_problems(),
        )  # fmt: skip
    finally:
        answering.close()


def create_app(state: State) -> FastAPI:
    """Return the application over the parts of a server."""
    app = FastAPI(title="Citroën brand assistant", version="1", docs_url=None, redoc_url=None)
    app.state.parts = state

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def home(request: Request, lang: str | None = None) -> HTMLResponse:
        return HTMLResponse(customer_page(lang if lang in TEXTS else language_of(request.headers.get("accept-language"))))

    @app.get("/widget.js", include_in_schema=False)
    def widget() -> FileResponse:
        return FileResponse(_STATIC / "widget.js", media_type="text/javascript", headers={"Cache-Control": "public, max-age=300"})

    @app.get("/passages/{chunk_id}", response_class=HTMLResponse, include_in_schema=False)
    def passage(chunk_id: str, request: Request) -> HTMLResponse:
        page = state.customer.page(chunk_id)
        if not page:
            return HTMLResponse(gone_page(language_of(request.headers.get("accept-language"))), status_code=404)
        return HTMLResponse(passage_page(page, chunk_id))

    @app.get("/store", include_in_schema=False)
    @app.get("/marketing", include_in_schema=False)
    def staff_page(request: Request) -> RedirectResponse:
        language = language_of(request.headers.get("accept-language"))
        return RedirectResponse(f"{request.url.path.rstrip('/')}/{language}/", status_code=303)

    for routes in (chat, completions, conversations, health, briefings, *([sign_in] if state.sales else [])):
        app.include_router(routes.router)
    if state.sales:
        app.add_middleware(PagesOnDemand, pages=_staff_pages(state.sales, state))
        app.add_middleware(StaffGate, staff=state.staff)
        add_oidc(app, state.settings)
    app.add_middleware(
        Limits, per_minute=state.settings.requests_per_minute, trusted_proxy=state.settings.trusted_proxy, metrics=state.metrics
    )
    if state.settings.widget_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=state.settings.widget_origins, allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Content-Type", HEADER], expose_headers=[HEADER],
        )  # fmt: skip
    app.add_middleware(SecurityHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(RequestLog)
    app.mount("/own", StaticFiles(directory=_STATIC), name="own")
    return app


def _staff_pages(sales: Assistant, state: State) -> dict[str, Callable[[], Any]]:
    """Return what makes each staff page, in each language; Gradio is loaded when one is opened."""

    def store(language: str) -> Any:
        from ui.staff.store.page import store_page

        return store_page(sales, state.records, language, state.settings.public_url)

    def marketing(language: str) -> Any:
        from ui.staff.marketing.page import marketing_page

        settings = EvalSettings.model_validate(state.settings.model_dump())
        return marketing_page(settings, state.records, state.embedder, language, who=_name_of(state))

    makers = {"/store": store, "/marketing": marketing}
    return {f"{path}/{language}": partial(make, language) for path, make in makers.items() for language in LANGUAGES}


def _name_of(state: State) -> Callable[[Any], str]:
    """Return what says who is signed in, for decisions that are kept with a name."""

    def name(request: Any) -> str:
        user = state.staff(request)
        return user.name if user else "?"

    return name


def run(*, host: str, port: int, surfaces: Surfaces) -> None:
    """Serve until stopped. Raises what `open_assistant` raises."""
    begin_logging()
    settings = Settings.read()
    with ExitStack() as open_parts:
        embedder = make_embedder(settings)
        # Whatever a first start builds, the models that every question needs load beside it.
        # Waited for at the end: a model that is still loading when the process ends would abort it.
        threading.Thread(target=load_models, args=(embedder,)).start()
        records = open_records(settings)
        open_parts.callback(records.close)
        customer = open_parts.enter_context(open_assistant(settings, "customer", embedder=embedder, records=records))
        customer.warm_up()
        sales = None
        if surfaces != "public":
            sales = open_parts.enter_context(open_assistant(settings, "sales", embedder=embedder, records=records))
        state = open_parts.enter_context(parts(settings, customer, records, embedder, sales=sales))
        for problem in state.problems:
            _log.warning("%s", problem)
        print(f"The assistant is ready at http://{host}:{port}")
        if sales and not state.users.all():
            print(f"Staff pages, once, within 30 minutes: http://{host}:{port}/sign-in/once/{state.users.one_time_link()}")
        uvicorn.run(
            create_app(state),
            host=host,
            port=port,
            log_level="warning",
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=int(settings.chat_total_seconds) + _GRACE_SECONDS,
            proxy_headers=settings.trusted_proxy,
            forwarded_allow_ips="*" if settings.trusted_proxy else None,
        )
