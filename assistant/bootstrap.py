"""Wires an assistant: the one place that says which parts it is made of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.assistant import Assistant
from assistant.guarded_chat import Deadlines, GuardedChat
from assistant.loading import load_models
from assistant.records import Records
from assistant.settings import Settings
from knowledge.document import Audience
from knowledge.embedding import Embedder, make_embedder
from knowledge.errors import ConfigurationError
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import SnapshotStore


@contextmanager
def open_assistant(
    settings: Settings,
    audience: Audience,
    *,
    embedder: Embedder | None = None,
    chat: GuardedChat | None = None,
    records: Records | None = None,
) -> Iterator[Assistant]:
    """Lend the assistant of one audience; on a first start the shipped corpus is ingested before.

    `chat` and `records` that are given stand in for those that the settings name, and stay open. Raises `SnapshotError`,
    `EmbedderError`, `ConfigurationError`.
    """
    embedder = embedder or make_embedder(settings)
    store = SnapshotStore(settings.home)
    if store.live_id() is None:
        from knowledge.ingest import ingest  # every later start does without the loaders

        ingest(settings, embedder, meanwhile=lambda: load_models(embedder))
    own = None if chat else make_chat(settings)
    live = LiveSnapshot(store, audience)
    own_records = None if records else open_records(settings)
    kept = records or own_records
    assert kept is not None  # noqa: S101  one of the two
    try:
        yield Assistant(live, embedder, kept, settings, chat=chat or own)
    finally:
        if own:
            own.close()
        if own_records:
            own_records.close()
        live.close()


def open_records(settings: Settings) -> Records:
    """Return the records that the settings name: a file in the home folder, or a database. Raises `ConfigurationError`."""
    folder = settings.home / "records"
    folder.mkdir(parents=True, exist_ok=True)
    place = settings.database_url.get_secret_value() if settings.database_url else folder / "records.sqlite"
    return Records(place, erased=folder / "records.erased")


@contextmanager
def open_for_scoring(
    settings: Settings, audience: Audience, snapshot: str, *, embedder: Embedder | None = None
) -> Iterator[Assistant]:
    """Lend an assistant that answers from one snapshot, live or not; what it records is thrown away.

    Raises `SnapshotError`, `EmbedderError`, `ConfigurationError`.
    """
    embedder = embedder or make_embedder(settings)
    chat = make_chat(settings)
    live = LiveSnapshot(SnapshotStore(settings.home).pinned(snapshot), audience)
    with tempfile.TemporaryDirectory() as scratch:
        records = Records(Path(scratch) / "records.sqlite")
        try:
            yield Assistant(live, embedder, records, settings, chat=chat)
        finally:
            if chat:
                chat.close()
            records.close()
            live.close()


def make_chat(settings: Settings) -> GuardedChat | None:
    """Return the chat model that the settings name on purpose, or None. Raises `ConfigurationError`; nothing is called yet."""
    if settings.chat_model is None:
        return None
    from assistant.openai_chat import Endpoint, OpenAIChat

    key = settings.chat_api_key or settings.openai_api_key
    base_url = settings.chat_base_url or settings.openai_base_url
    if key is None and base_url is None:
        message = "BRAND_ASSISTANT_CHAT_MODEL needs OPENAI_API_KEY, or BRAND_ASSISTANT_CHAT_BASE_URL of a server without keys."
        raise ConfigurationError(message)
    if base_url is not None and not base_url.startswith(("http://", "https://")):
        message = f"The chat endpoint {base_url!r} is no address. Write it like http://127.0.0.1:8080/v1."
        raise ConfigurationError(message)
    endpoint = Endpoint(
        model=settings.chat_model,
        api_key=key.get_secret_value() if key else "none",
        base_url=base_url,
        max_tokens=settings.chat_max_tokens,
        temperature=settings.chat_temperature,
        connect=settings.chat_connect_seconds,
        silence=max(settings.chat_first_seconds, settings.chat_gap_seconds),
    )
    deadlines = Deadlines(first=settings.chat_first_seconds, gap=settings.chat_gap_seconds, total=settings.chat_total_seconds)
    return GuardedChat(OpenAIChat(endpoint), deadlines)
