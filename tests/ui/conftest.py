from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from knowledge.embedding import BundledEmbedder
from tests.shipped import assistant_at
from ui.server import create_app


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    home: Path = tmp_path_factory.mktemp("served")
    with assistant_at(home, "customer", BundledEmbedder()) as assistant:
        assistant.warm_up()
        yield create_app(assistant)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)
