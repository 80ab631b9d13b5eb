from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.bootstrap import open_assistant, open_records
from assistant.settings import Settings
from knowledge.embedding import BundledEmbedder
from ui.replicas import free_port
from ui.server import create_app, parts

OTHER_PORT = free_port()  # of the other site that embeds the widget


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    home: Path = tmp_path_factory.mktemp("served")
    settings = Settings(home=home, requests_per_minute=100_000, widget_origins=[f"http://127.0.0.1:{OTHER_PORT}"])
    records = open_records(settings)
    embedder = BundledEmbedder()
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
