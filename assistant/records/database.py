"""Opens the database of the records: a SQLite file by default, PostgreSQL by address."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from assistant.records.tables import metadata
from knowledge.errors import ConfigurationError


def open_database(place: Path | str) -> Engine:
    """Return an engine on a SQLite file or a database address, its tables made. Raises `ConfigurationError`."""
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{place}", connect_args={"timeout": 10})
        event.listen(engine, "connect", _configure)
    else:
        engine = create_engine(place, pool_pre_ping=True)
    try:
        metadata.create_all(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        where = place if isinstance(place, Path) else engine.url.render_as_string(hide_password=True)
        message = f"The records in {where} can't be opened ({type(error).__name__}). Check BRAND_ASSISTANT_DATABASE_URL."
        raise ConfigurationError(message) from error
    return engine


def aware(moment: datetime) -> datetime:
    """Return a time with its zone: SQLite forgets that it was UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _configure(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")
