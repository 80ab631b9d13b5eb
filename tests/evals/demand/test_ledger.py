from __future__ import annotations

import json
import subprocess
import sys

import pytest

from evals.demand.counts import read_ledger
from evals.demand.intake import take_in
from evals.demand.ledger import Ledger, Pseudonyms
from evals.demand.review import LedgerError
from tests.evals.demand.factories import write_csv


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    ledger = Ledger(tmp_path / "reviews")
    rows = [["text", "date", "author"], *([f"avis numéro {n} sur le régulateur", "2026-08-01", f"p{n}"] for n in range(5))]
    take_in(write_csv(tmp_path / "a.csv", rows), ledger)
    return ledger


def _lines(ledger):
    return ledger.path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_a_changed_word_is_found_and_its_line_is_named(ledger):
    lines = _lines(ledger)
    ledger.path.write_text("".join([*lines[:2], lines[2].replace("numéro", "chiffre"), *lines[3:]]), encoding="utf-8")

    with pytest.raises(LedgerError, match="line 3: its content was changed"):
        ledger.verify()


def test_a_line_taken_out_is_found(ledger):
    lines = _lines(ledger)
    ledger.path.write_text("".join([*lines[:3], *lines[4:]]), encoding="utf-8")

    with pytest.raises(LedgerError, match="line 4: it is numbered 5"):
        ledger.verify()


def test_a_blanked_review_without_a_tombstone_is_found(ledger):
    lines = _lines(ledger)
    entry = json.loads(lines[2])
    lines[2] = json.dumps({**entry, "body": None}) + "\n"
    ledger.path.write_text("".join(lines), encoding="utf-8")

    with pytest.raises(LedgerError, match="line 3: its content is gone and no tombstone"):
        ledger.verify()


def test_a_legal_removal_leaves_a_numbered_tombstone_and_the_sum_still_adds_up(ledger):
    with ledger.writing() as writer:
        tombstone = writer.remove(3, reason="court order 12", by="legal")

    kept = read_ledger(ledger)
    assert "numéro 1" not in ledger.path.read_text(encoding="utf-8")
    assert kept.total.tombstones == ((tombstone, 3, "court order 12"),)
    assert (kept.total.received, kept.total.shown, kept.total.removed) == (5, 4, 1)


def test_a_removal_killed_between_its_two_steps_is_finished_by_the_next_writer(ledger):
    with ledger.writing() as writer:
        writer.append([("tombstone", {"removes": 3, "reason": "court order", "by": "legal"})])

    with ledger.writing():
        pass

    assert "numéro 1" not in ledger.path.read_text(encoding="utf-8")
    assert read_ledger(ledger).total.removed == 1


def test_what_a_killed_writer_left_of_a_line_is_neither_read_nor_in_the_way(ledger):
    before = ledger.verify()
    with ledger.path.open("a", encoding="utf-8") as file:
        file.write('{"n": 99, "kind": "rev')

    assert ledger.verify() == before
    with ledger.writing() as writer:
        assert writer.append([("decision", {"need": "x"})]) == [before + 1]
    assert ledger.verify() == before + 1


def test_two_processes_do_not_write_at_once(ledger):
    code = (
        "import sys, pathlib\nfrom evals.demand.ledger import Ledger\nledger = Ledger(pathlib.Path(sys.argv[1]))\n"
        "ledger._lock = type(ledger._lock)(ledger.folder / 'ledger.lock', timeout=0)\n"
        "try:\n    ledger.writing().__enter__()\nexcept Exception as error:\n    print(error)\n"
    )
    with ledger.writing():
        told = subprocess.run([sys.executable, "-c", code, str(ledger.folder)], capture_output=True, text=True, check=True)

    assert "is being written by another process" in told.stdout


def test_the_same_person_has_one_pseudonym_and_no_name_is_kept(tmp_path):
    first, second = Pseudonyms(tmp_path), Pseudonyms(tmp_path)

    assert first.of("Jean Dupont") == second.of("jean dupont") != first.of("Jeanne")
    assert (tmp_path / "person.key").stat().st_mode & 0o077 == 0
