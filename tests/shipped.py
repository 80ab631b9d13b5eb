"""The shipped corpus as tests use it: ingested once a session with its shipped vectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.assistant import Assistant
from assistant.bootstrap import open_assistant
from assistant.settings import Settings
from knowledge.document import Audience
from knowledge.embedding import Embedder


@contextmanager
def assistant_at(home: Path, audience: Audience, embedder: Embedder) -> Iterator[Assistant]:
    with open_assistant(Settings(home=home), audience, embedder=embedder) as assistant:
        yield assistant
