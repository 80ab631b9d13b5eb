from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.bootstrap import open_assistant, open_records
from assistant.settings import Settings
from knowledge.embedding import BundledEmbedder, Embedder
from ui.replicas import free_port
from ui.server import create_app, parts

OTHER_PORT = free_port()  # of the other site that embeds the widget


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    home: Path = tmp_path_factory.mktemp("served")
    with served(Settings(home=home, requests_per_minute=100_000, widget_origins=[f"http://127.0.0.1:{OTHER_PORT}"])) as lent:
        yield lent


@contextmanager
def served(settings: Settings, embedder: Embedder | None = None) -> Iterator[FastAPI]:
    """Lend the whole application, public and staff, over a home folder."""
    records = open_records(settings)
    embedder = embedder or BundledEmbedder()
    with (
        closing(records),
        open_assistant(settings, "customer", embedder=embedder, records=records) as customer,
        open_assistant(settings, "sales", embedder=embedder, records=records) as sales,
        parts(settings, customer, records, embedder, sales=sales) as state,
    ):
        customer.warm_up()
        yield create_app(state)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:
    """The application's address on this machine, for a browser."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
