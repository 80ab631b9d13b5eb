"""What is kept of a conversation, and what is not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from assistant.answer import Question
from assistant.records import Records
from assistant.redaction import redact
from knowledge.embedding import BundledEmbedder
from tests.shipped import assistant_at


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("écrivez à jean.dupont@example.fr", "[email]", "jean.dupont"),
        ("mon numéro 06 12 34 56 78", "[phone]", "12 34"),
        ("call +44 7911 123456", "[phone]", "7911"),
        ("ma plaque AB-123-CD", "[plate]", "AB-123-CD"),
        ("VIN VF7ABCDEF12345678", "[vin]", "VF7ABCDEF12345678"),
        ("FR76 3000 6000 0112 3456 7890 189", "[iban]", "3000 6000"),
    ],
)
def test_personal_data_is_taken_out(text: str, kind: str, secret: str) -> None:
    redacted = redact(text)

    assert kind in redacted
    assert secret not in redacted


def test_figures_of_a_tutorial_are_not_taken_for_personal_data() -> None:
    text = "De 30 à 180 km/h en 2020, touche 2 ou 3, 1,5 bar, C5 Aircross 2018-2025"

    assert redact(text) == text


def test_a_recorded_turn_holds_no_e_mail(tmp_path: Path, embedder: BundledEmbedder) -> None:
    with assistant_at(tmp_path, "customer", embedder) as assistant:
        assistant.reply(Question(text="Je suis jean@example.fr : à quoi servent les butées hydrauliques progressives ?"))

    with sqlite3.connect(tmp_path / "records" / "records.sqlite") as database:
        rows = database.execute("SELECT question || answer || state FROM turns").fetchall()

    assert len(rows) == 1
    assert "jean@example.fr" not in rows[0][0]


def test_a_database_that_fails_costs_the_record_and_not_the_answer(tmp_path: Path, embedder: BundledEmbedder) -> None:
    with assistant_at(tmp_path, "customer", embedder) as assistant:
        assistant._records = _BrokenRecords(tmp_path / "other.sqlite")

        answer = assistant.reply(Question(text="À quoi servent les butées hydrauliques progressives ?"))

    assert answer.citations


class _BrokenRecords(Records):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE turns")
