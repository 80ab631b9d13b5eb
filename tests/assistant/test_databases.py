"""The records in SQLite and in a real PostgreSQL: the same behaviour, the same tables, whichever version began them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, text

from assistant.answer import Answer, Decision, Question
from assistant.conversation import Conversation
from assistant.records import Rating, Records
from assistant.records.database import VERSION, open_database
from assistant.records.tables import conversations, metadata
from assistant.records.users import _FAILURES, Users
from knowledge.errors import ConfigurationError
from ui.replicas import postgres, postgres_binaries


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not on this machine (Debian's package postgresql)")
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)  # PostgreSQL runs as a user of its own
    with postgres(binaries, folder) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "sqlite":
        return tmp_path / "records.sqlite"
    address = request.getfixturevalue("server")
    name = "test_" + tmp_path.name.replace("-", "_").lower()
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return address.rsplit("/", 1)[0] + "/" + name


@pytest.fixture
def records(place: Path | str, tmp_path: Path) -> Iterator[Records]:
    opened = Records(place, erased=tmp_path / "ledger.erased")
    yield opened
    opened.close()


def _told(records: Records, *, owner: str = "me", text: str = "Comment activer le régulateur ?") -> Conversation:
    conversation = Conversation.new()
    conversation = Conversation(id=conversation.id, turns=1, language="fr")
    answer = Answer(
        decision=Decision.ANSWER,
        text="Tournez la molette.",
        language="fr",
        question_language="fr",
        conversation_id=conversation.id,
    )
    records.add(conversation, Question(text=text), answer, "customer", owner=owner)
    return conversation


def test_a_turn_comes_back_to_its_owner_alone(records: Records) -> None:
    told = _told(records)

    assert [turn.question for turn in records.transcript(told.id, "me")] == ["Comment activer le régulateur ?"]
    assert records.transcript(told.id, "another") == []
    assert records.conversation(told.id, "customer", owner="me").id == told.id
    assert records.conversation(told.id, "customer", owner="another").id != told.id
    assert records.conversation(told.id, "sales", owner="me").id != told.id


def test_ratings_and_handovers_are_kept_in_order(records: Records) -> None:
    told = _told(records)
    now = datetime.now(UTC)
    for stars in (5, 1):
        rating = Rating(conversation_id=told.id, turn=1, at=now, stars=stars, thumb=None, comment="écrivez à a@b.fr")
        assert records.rate(rating, "me")
    number = records.hand_over(told.id, "rappeler", "me")

    kept = list(records.ratings_since(now - timedelta(minutes=1)))
    assert sorted(rating.stars or 0 for rating in kept) == [1, 5]
    assert "a@b.fr" not in str(kept)
    assert kept[0].at.tzinfo
    assert records.move_handover(number or "", "taken")
    assert [(item.id, item.state) for item in records.handovers()] == [(number, "taken")]


def test_what_was_erased_stays_erased_after_a_backup_is_restored(records: Records, place: Path | str, tmp_path: Path) -> None:
    told = _told(records)
    with records.engine.connect() as connection:
        backup = [row._asdict() for row in connection.execute(conversations.select())]
    assert records.erase(told.id, "me")
    with records.engine.begin() as connection:
        connection.execute(insert(conversations), backup)

    again = Records(place, erased=tmp_path / "ledger.erased")

    with again.engine.connect() as connection:
        assert connection.execute(conversations.select()).all() == []
    again.close()


def test_old_conversations_are_purged_and_new_ones_kept(records: Records) -> None:
    _told(records)

    assert records.purge(datetime.now(UTC) - timedelta(days=1)) == 0
    assert records.purge(datetime.now(UTC) + timedelta(days=1)) == 1


def test_a_user_signs_in_and_is_locked_out_after_failures(records: Records) -> None:
    users = Users(records.engine)
    users.add("ines", "seller", "a long password")
    token = users.sign_in("ines", "a long password")
    for _ in range(_FAILURES):
        assert users.sign_in("ines", "wrong") is None

    assert users.session(token) is not None
    assert users.sign_in("ines", "a long password") is None


def test_the_migrations_make_the_tables_that_the_program_uses(place: Path | str) -> None:
    engine = open_database(place)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == VERSION
    engine.dispose()
    assert differences == []


def test_servers_that_start_together_on_an_empty_database_all_get_in(place: Path | str) -> None:
    with ThreadPoolExecutor(6) as pool:
        engines = list(pool.map(open_database, [place] * 6))

    for engine in engines:
        with engine.connect() as connection:
            assert connection.execute(conversations.select()).all() == []
        engine.dispose()


def test_records_from_before_versions_were_counted_are_kept(place: Path | str, tmp_path: Path) -> None:
    first = Records(place, erased=tmp_path / "ledger.erased")
    told = _told(first)
    with first.engine.begin() as connection:
        for statement in ("DROP TABLE alembic_version", "DROP INDEX ix_turns_at", "DROP INDEX ix_conversations_began"):
            connection.execute(text(statement))
    first.close()

    again = Records(place, erased=tmp_path / "ledger.erased")

    assert len(again.transcript(told.id, "me")) == 1
    again.close()


def test_records_of_a_newer_program_are_refused_with_the_cure(place: Path | str) -> None:
    engine = open_database(place)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(ConfigurationError, match="Start the newer program"):
        open_database(place)


def test_an_upgrade_that_fails_leaves_the_records_as_they_were(place: Path | str) -> None:
    url = f"sqlite:///{place}" if isinstance(place, Path) else place
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE conversations (id VARCHAR(64) PRIMARY KEY)"))  # nobody's layout

    for _ in range(2):
        with pytest.raises(ConfigurationError, match="can't be opened"):
            open_database(place)

    with engine.connect() as connection:
        tables = connection.dialect.get_table_names(connection)
    engine.dispose()
    assert tables == ["conversations"]
