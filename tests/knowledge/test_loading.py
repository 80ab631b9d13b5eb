"""A folder of files in, documents and failures out; one bad file never stops the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from knowledge.errors import DocumentError
from knowledge.lexicon import Lexicon
from knowledge.loading import Loaded, load
from tests.knowledge.factories import Pages, lexicon, page, section, write


def loaded(folder: Path, pages: Pages) -> Loaded:
    for name, content in pages.items():
        write(folder / "pages" / name, content)
    return load(folder / "pages", lexicon(folder), root_name="pages")


def only_failure(folder: Path, text: str) -> DocumentError:
    (failure,) = loaded(folder, {"en/page.md": text}).failures
    return failure


def keys(found: Loaded) -> list[str]:
    return [document.key for document in found.documents]


def line_of(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), start=1) if needle in line)


def test_pages_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"fr/a.md": page(id="x", language="fr"), "en/b.md": page(id="b"), "en/a.markdown": page(id="a")})

    assert keys(found) == ["a.en", "b.en", "x.fr"]
    assert found.failures == []


def test_a_document_remembers_its_root_and_its_path_below_it(tmp_path: Path) -> None:
    (document,) = loaded(tmp_path, {"en/comfort/a.md": page()}).documents

    assert (document.root, document.path) == ("pages", "en/comfort/a.md")


def test_how_people_ask_goes_with_the_english_version_of_a_page_only(tmp_path: Path) -> None:
    for language in ("en", "fr"):
        write(tmp_path / "pages" / f"{language}.md", page(language=language))
    lexicon(tmp_path)
    write(tmp_path / "lexicon/asks.yaml", "seats: {what: [my back hurts, mal au dos]}\n")

    found = load(tmp_path / "pages", Lexicon.read(tmp_path / "lexicon"), root_name="pages")

    assert {document.key: document.asks for document in found.documents} == {
        "seats.en": {"what": ("my back hurts", "mal au dos")},
        "seats.fr": {},
    }


def test_a_single_file_can_be_loaded(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", page())

    found = load(path, lexicon(tmp_path), root_name="a")

    assert [document.path for document in found.documents] == ["a.md"]


def test_one_bad_file_never_stops_the_rest(tmp_path: Path) -> None:
    pages: Pages = {
        "a.md": page(id="a"),
        "b.md": b"",
        "c.md": b"\xff\xfe",
        "d.md": "---\nid: [\n---\n",
        "e.md": b"x" * 5_000_000,
        "f.txt": "text",
        "g.md": page(id="g"),
    }

    found = loaded(tmp_path, pages)

    assert keys(found) == ["a.en", "g.en"]
    assert [failure.path for failure in found.failures] == ["b.md", "c.md", "d.md", "e.md", "f.txt"]


def test_of_two_pages_with_one_id_the_first_counts(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.md": page(title="First"), "b.md": page(title="Second")})

    assert [document.front.title for document in found.documents] == ["First"]


def test_of_two_pages_with_one_id_the_second_is_named_with_the_first(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, {"a.md": page(), "b.md": page()}).failures

    assert (failure.path, failure.line, failure.field) == ("b.md", 2, "id")
    assert failure.reason == "'seats.en' is already the id of a.md"
    assert failure.cure == "Give one of the two pages another id."


def test_the_same_id_in_two_languages_is_one_page(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"en.md": page(), "fr.md": page(language="fr")})

    assert (keys(found), found.failures) == (["seats.en", "seats.fr"], [])


def test_files_of_an_unknown_kind_are_named_with_the_known_kinds(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, {"table.xlsx": b"PK"}).failures

    assert failure.path == "table.xlsx"
    assert "'.xlsx'" in failure.reason
    assert ".md" in failure.cure


def test_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    found = loaded(tmp_path, {".DS_Store": b"\0", ".git/config": b"x", "a.md": page()})

    assert (keys(found), found.failures) == (["seats.en"], [])


def test_a_path_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    found = load(tmp_path / "gone", lexicon(tmp_path), root_name="gone")

    assert found.documents == []
    assert "no such file or folder" in found.failures[0].reason


@pytest.mark.parametrize("car", [{"model": "C9"}, {"model": "C4", "generation": "VII"}], ids=["model", "generation"])
def test_an_unknown_car_is_named_on_its_line(car: dict[str, str], tmp_path: Path) -> None:
    text = page(vehicles=[car])

    failure = only_failure(tmp_path, text)

    assert (failure.path, failure.field) == ("en/page.md", "vehicles")
    assert "is not known" in failure.reason
    assert "lexicon/vehicles.yaml" in failure.cure
    assert failure.line in (line_of(text, "vehicles:"), line_of(text, "model:"))


def test_an_unknown_energy_of_a_car_is_named(tmp_path: Path) -> None:
    cars = [{"model": "C4", "generation": "III"}]

    failure = only_failure(tmp_path, page(section(attributes='vehicles="C4 III (steam)"'), vehicles=cars))

    assert "C4 III (steam)" in failure.reason


def test_an_unknown_feature_is_named_on_its_line(tmp_path: Path) -> None:
    text = page(features=["hill-start", "teleport"])

    failure = only_failure(tmp_path, text)

    assert (failure.path, failure.field) == ("en/page.md", "features")
    assert failure.reason == "the feature 'teleport' is not known"
    assert "lexicon/features.yaml" in failure.cure
    assert failure.line in (line_of(text, "features:"), line_of(text, "teleport"))


@pytest.mark.parametrize("role", ["hook", "objection", "never-say", "test-drive", "ask", "compare"])
def test_a_customer_page_holds_no_sales_section(role: str, tmp_path: Path) -> None:
    text = page(section(), section(name="more", role=role, heading="More"))

    failure = only_failure(tmp_path, text)

    assert (failure.line, failure.field) == (line_of(text, "## More"), ".role")
    assert f"role {role!r}" in failure.reason
    assert "audience: sales" in failure.cure


def test_a_sales_page_may_hold_sales_sections(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"a.md": page(section(role="never-say"), audience="sales")})

    assert (keys(found), found.failures) == (["seats.en"], [])


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX systems only")
def test_a_file_name_that_is_not_unicode_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path / "pages" / os.fsdecode(b"caf\xe9.md"), page(id="odd"))

    found = loaded(tmp_path, {"good.md": page()})

    assert keys(found) == ["seats.en"]
    assert len(found.failures) == 1
    str(found.failures[0]).encode()
