"""Opens the database of the records: a SQLite file by default, PostgreSQL by address; its tables are brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from knowledge.errors import ConfigurationError

VERSION = "0002"
_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, as long as every server of the product asks PostgreSQL for the same.
_LOCK_NUMBER = 20_181_019


def open_database(place: Path | str) -> Engine:
    """Return an engine on a SQLite file or a database address, its tables at `VERSION`. Raises `ConfigurationError`.

    Servers that start together upgrade one after the other; a database of a newer version of the product is refused.
    """
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{place}", connect_args={"timeout": 10})
        event.listen(engine, "connect", _configure)
    else:
        engine = create_engine(place, pool_pre_ping=True)
    try:
        with engine.connect() as connection:
            version = _version(connection)
        if version != VERSION:
            with _alone(engine, place) as connection:
                _upgrade(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        message = (
            f"The records in {_name(engine, place)} can't be opened ({type(error).__name__}). Check BRAND_ASSISTANT_DATABASE_URL."
        )
        raise ConfigurationError(message) from error
    except ConfigurationError:
        engine.dispose()
        raise
    return engine


def aware(moment: datetime) -> datetime:
    """Return a time with its zone: SQLite forgets that it was UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _version(connection: Connection) -> str | None:
    """Return the version of a database's tables; None for an empty one."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(version) if version else None
    return None


@contextmanager
def _alone(engine: Engine, place: Path | str) -> Iterator[Connection]:
    if isinstance(place, Path):
        with FileLock(place.with_suffix(".upgrading")), engine.connect() as connection:
            # Python's driver would commit before each change of a table: an upgrade that fails has to leave everything as it was.
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101  a connection that is open
            driver.isolation_level = None
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            finally:
                driver.isolation_level = ""
    else:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
            yield connection


def _upgrade(connection: Connection) -> None:
    # Only a first start and a new version need Alembic, and importing it costs every command a quarter of a second.
    from alembic import command
    from alembic.config import Config

    version = _version(connection)
    if version is not None and version > VERSION:
        message = (
            f"The records are at version {version}, this program knows {VERSION}. Start the newer program, or restore a backup."
        )
        raise ConfigurationError(message)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    if version is None and inspect(connection).has_table("conversations"):
        command.stamp(config, "0001")  # made by the program before it counted versions
    command.upgrade(config, "head")


def _name(engine: Engine, place: Path | str) -> str:
    return str(place) if isinstance(place, Path) else engine.url.render_as_string(hide_password=True)


def _configure(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")
