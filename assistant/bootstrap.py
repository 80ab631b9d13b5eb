"""Wires an assistant: the one place that says which parts it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistant.assistant import Assistant
from assistant.records import Records
from assistant.settings import Settings
from knowledge.document import Audience
from knowledge.embedding import Embedder, make_embedder
from knowledge.ingest import ingest
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import SnapshotStore


@contextmanager
def open_assistant(settings: Settings, audience: Audience, *, embedder: Embedder | None = None) -> Iterator[Assistant]:
    """Lend the assistant of one audience; on a first start the shipped corpus is ingested before.

    Raises `SnapshotError`, `EmbedderError`, `ConfigurationError`.
    """
    embedder = embedder or make_embedder(settings)
    store = SnapshotStore(settings.home)
    if store.live_id() is None:
        ingest(settings, embedder)
    live = LiveSnapshot(store, audience)
    records = Records(settings.home / "records" / "records.sqlite")
    try:
        yield Assistant(live, embedder, records, settings)
    finally:
        records.close()
        live.close()
