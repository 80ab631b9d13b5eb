from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from openpyxl import Workbook

from evals.demand.cleaning import clean
from evals.demand.counts import read_ledger
from evals.demand.dates import day_order, read_day
from evals.demand.intake import preview, take_in
from evals.demand.ledger import Ledger
from evals.demand.review import ExportError
from tests.evals.demand.factories import write_csv


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger(tmp_path / "reviews")


def _texts(ledger):
    return [review.text for _, review in read_ledger(ledger).reviews]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_export_in_any_usual_encoding_and_separator_is_read(tmp_path, ledger, encoding, delimiter):
    rows = [["Commentaire", "Date", "Auteur"], ["Très déçu, le régulateur à été décalé où ça gêne", "2026-08-03", "Zoé"]] * 1
    rows += [[f"Le siège arrière n°{n} est agréable, très bien élevé", "2026-08-03", f"Zoé {n}"] for n in range(20)]

    take_in(write_csv(tmp_path / "a.csv", rows, encoding=encoding, delimiter=delimiter), ledger)

    assert _texts(ledger)[0] == "Très déçu, le régulateur à été décalé où ça gêne"


def test_text_that_was_read_in_the_wrong_encoding_before_is_mended():
    assert clean("trÃ¨s dÃ©Ã§u") == "très déçu"


def test_html_scripts_and_control_characters_go_and_emoji_stay():
    assert clean("<p>Super &eacute;cran 😀</p><script>alert(1)</script>\x07 ok") == "Super écran 😀 ok"


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("2026-07-03", "dmy", "2026-07-03"), ("03/07/2026", "dmy", "2026-07-03"), ("07/03/2026", "mdy", "2026-07-03"),
        ("3 juillet 2026", "dmy", "2026-07-03"), ("July 3rd, 2026", "dmy", "2026-07-03"),
        ("2026-07-03T10:00:00Z", "dmy", "2026-07-03"),
        ("31/02/2026", "dmy", "None"), ("bientôt", "dmy", "None"), ("", "dmy", "None"),
    ],
)  # fmt: skip
def test_days_are_read_in_the_usual_forms_and_an_impossible_day_is_unknown(cell, order, day):
    assert str(read_day(cell, order)) == day


def test_the_order_of_day_and_month_is_learnt_from_cells_that_allow_one_reading():
    assert day_order(["03/07/2026", "07/25/2026"]) == "mdy"
    assert day_order(["03/07/2026", "25/07/2026"]) == "dmy"
    assert day_order(["03/07/2026"]) is None


def test_a_missing_text_column_is_named_with_the_cure_and_a_said_column_is_used(tmp_path, ledger):
    path = write_csv(tmp_path / "a.csv", [["Zeile", "Date"], ["je ne sais pas ouvrir", "2026-08-01"]])

    with pytest.raises(ExportError, match=r"Columns: Zeile, Date\. Say it with --column text=NAME"):
        take_in(path, ledger)
    assert take_in(path, ledger, said={"text": "Zeile"}).new == 1


def test_a_preview_stores_nothing(tmp_path, ledger):
    path = write_csv(tmp_path / "a.csv", [["Review", "Date"], ["call me on 06 12 34 56 78", "03/07/2026"]])

    shown = preview(path, ledger.folder)

    assert shown.reviews[0].text == "call me on [phone]"
    assert not shown.columns.order_known
    assert not ledger.path.exists()


def test_personal_data_is_taken_out_before_anything_is_stored(tmp_path, ledger):
    path = write_csv(tmp_path / "a.csv", [["text", "author"], ["écrivez à jean@example.org ou AB-123-CD", "Jean Secret"]])

    take_in(path, ledger)

    stored = ledger.path.read_text(encoding="utf-8")
    assert not any(secret in stored for secret in ("jean@example.org", "AB-123-CD", "Jean Secret"))


def test_the_same_file_again_adds_nothing_and_is_recorded(tmp_path, ledger):
    path = write_csv(tmp_path / "a.csv", [["text"], ["une remarque"]])

    first, second = take_in(path, ledger), take_in(path, ledger)

    assert (first.new, second.received, second.repeat_of) == (1, 0, 1)
    assert read_ledger(ledger).total.imports == (("a.csv", 1, 1),)


def test_duplicates_are_kept_as_such_and_the_sum_adds_up(tmp_path, ledger):
    long = "je ne comprends vraiment pas comment on règle la distance avec la voiture qui roule devant"
    rows = [["text", "author", "date"], [long, "a", "2026-08-01"], [long.upper(), "b", "2026-08-02"], ["Top", "a", "2026-08-01"],
            ["top !", "a", "2026-08-05"], ["Top", "b", "2026-08-01"], ["", "", ""],
            ["NUL, à fuir", "c", "2026-08-01"]]  # fmt: skip

    took = take_in(write_csv(tmp_path / "a.csv", rows), ledger)

    total = read_ledger(ledger).total
    assert (took.received, took.new, took.duplicates, took.empty) == (7, 4, 2, 1)
    assert total.received == total.shown + total.duplicates + total.removed + total.empty
    assert "NUL, à fuir" in _texts(ledger)


def test_xlsx_and_json_lines_are_read_and_a_broken_line_is_counted_as_empty(tmp_path, ledger):
    book = Workbook()
    book.active.append(["Avis", "Date", "Note"])
    book.active.append(["=1+1", "2026-08-01", "4/5"])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.jsonl").write_text('{"text": "nice", "rating": 5}\n{broken\n["no object"]\n', encoding="utf-8")

    take_in(tmp_path / "a.xlsx", ledger)
    took = take_in(tmp_path / "b.jsonl", ledger)

    assert (took.received, took.new, took.empty) == (3, 1, 2)


@pytest.mark.parametrize("name", ["a.pdf", "b.xlsx", "missing.csv", "empty.csv"])
def test_a_file_that_is_no_export_is_refused_by_name(tmp_path, ledger, name):
    if name != "missing.csv":
        (tmp_path / name).write_bytes(b"" if name == "empty.csv" else b"%PDF")

    with pytest.raises(ExportError, match=name):
        take_in(tmp_path / name, ledger)


def test_a_review_of_a_hundred_kilobytes_is_kept_whole(tmp_path, ledger):
    long = "le siège est confortable et la caméra floue " * 2400

    take_in(write_csv(tmp_path / "a.csv", [["text"], [long]]), ledger)

    assert _texts(ledger)[0] == long.strip()


def test_a_killed_import_goes_on_where_it_stopped(tmp_path, ledger):
    rows = [["text", "author"], *([f"remarque numéro {n} assez courte", f"p{n}"] for n in range(6000))]
    path = write_csv(tmp_path / "a.csv", rows)
    code = (
        "import sys, time, pathlib\nfrom evals.demand.intake import take_in\nfrom evals.demand.ledger import Ledger\n"
        "take_in(pathlib.Path(sys.argv[1]), Ledger(pathlib.Path(sys.argv[2])), progress=lambda done, of: time.sleep(0.2))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path), str(ledger.folder)])
    while not (ledger.path.exists() and ledger.path.stat().st_size > 100_000):
        assert child.poll() is None
        time.sleep(0.02)
    child.kill()
    child.wait()

    took = take_in(path, ledger)

    assert took.resumed >= 100
    assert (took.received, took.new) == (6000, 6000)
    assert len({json.dumps(text) for text in _texts(ledger)}) == 6000
