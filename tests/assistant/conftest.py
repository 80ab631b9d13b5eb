from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.answer import Answer, Question
from assistant.assistant import Assistant
from knowledge.embedding import BundledEmbedder
from tests.shipped import assistant_at

Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shipped")


@pytest.fixture(scope="session")
def customer(shipped_home: Path, embedder: BundledEmbedder) -> Iterator[Assistant]:
    with assistant_at(shipped_home, "customer", embedder) as assistant:
        yield assistant


@pytest.fixture(scope="session")
def sales(shipped_home: Path, embedder: BundledEmbedder, customer: Assistant) -> Iterator[Assistant]:
    with assistant_at(shipped_home, "sales", embedder) as assistant:
        yield assistant


@pytest.fixture
def ask(customer: Assistant) -> Ask:
    def reply(text: str, **more: str) -> Answer:
        return customer.reply(Question(text=text, **more))

    return reply
