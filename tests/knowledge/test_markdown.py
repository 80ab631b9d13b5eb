"""One page in, one document out; whatever is wrong with a page is named with file, line, field and cure."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import markdown
from knowledge.document import Document, Role
from knowledge.errors import DocumentError
from knowledge.markdown import MAX_BYTES, read_markdown
from knowledge.vehicles import VehicleScope
from tests.knowledge.factories import document, page, section, write

C4_AND_C5 = [{"model": "C4", "generation": "III", "years": "2020-"}, {"model": "C5 Aircross", "generation": "I"}]
C4_ELECTRIC = [{"model": "C4", "generation": "III", "energy": "electric"}]


def refusal(content: str | bytes, folder: Path) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        read_markdown(write(folder / "page.md", content), name="en/page.md")
    return caught.value


def line_of(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), start=1) if needle in line)


@dataclass(frozen=True)
class Bad:
    """A bad page, a part of the line that is to blame, and the words that say so and help."""

    content: str
    blamed: str
    field: str | None
    reason: str
    cure: str


BAD_PAGES = {
    "a key is missing": Bad(page(drop="kind"), "id: seats", "kind", "missing", "Add 'kind:'"),
    "a nested key is missing": Bad(page(claims={"as_of": 2020}), "claims:", "claims.status", "missing", "Add 'status:'"),
    "a key is unknown": Bad(page(colour="red"), "colour: red", "colour", "not known", "Remove it, or correct its spelling"),
    "the status is wrong": Bad(
        page(claims={"status": "rumour", "as_of": 2020}), "status: rumour", "claims.status", "'rumour'", "Correct the value"
    ),
    "the year is out of range": Bad(
        page(claims={"status": "fact", "as_of": 1492}), "as_of: 1492", "claims.as_of", "1492", "Correct the value"
    ),
    "the kind is unknown": Bad(page(kind="novel"), "kind: novel", "kind", "'novel'", "Correct the value"),
    "the audience is unknown": Bad(page(audience="everybody"), "audience: everybody", "audience", "'everybody'", "Correct"),
    "the id has capitals": Bad(page(id="Seats"), "id: Seats", "id", "'Seats'", "Correct the value"),
    "there is no market": Bad(page(markets=[]), "markets: []", "markets", "at least 1 item", "Correct the value"),
    "there is no source": Bad(page(sources=[]), "sources: []", "sources", "at least 1 item", "Correct the value"),
    "an address is not one": Bad(
        page(sources=[{"label": "x", "url": "ftp://x"}]), "url: ftp", "sources.0.url", "ftp://x", "Correct the value"
    ),
    "the years of a car are not years": Bad(
        page(vehicles=[{"model": "C4", "years": "lately"}]), "years: lately", "vehicles.0.years", "'lately'", "Correct"
    ),
    "the YAML is broken": Bad(
        page().replace("title: ", "title: On: "), "title:", None, "can't be read", "Correct the YAML"
    ),
    "the front matter is a list": Bad("---\n- a\n---\n", "- a", None, "not a list of keys", "'key: value'"),
    "there is no front matter": Bad(section(), "## About", None, "no front matter", "Start the file with a line '---'"),
    "the front matter is never closed": Bad("---\nid: seats\n", "---", None, "never closed", "End it with a line '---'"),
    "there is no section": Bad(page(" "), "\0end", None, "no section", "Add a heading"),
    "two sections share an id": Bad(
        page(section(), section(heading="Again")), "## Again", "#id", "'what' stands twice (first in line 25)", "its own id"
    ),
    "a role is unknown": Bad(page(section(role="gossip")), "## About", ".role", "found: gossip", "Choose one of: what"),
    "a section has two roles": Bad(page(section(attributes=".how")), "## About", ".role", "found: what how", "Choose one of"),
    "a section has no role": Bad(page("## About {#a}\n\nText.\n"), "## About", ".role", "found: none", "Choose one of"),
    "a heading has no attributes": Bad(
        page("## About\n\nText.\n"), "## About", None, "no attributes", "End it with '{#id .role}'"
    ),
    "an attribute is unknown": Bad(
        page(section(attributes="mood=good")), "## About", "mood", "'mood=good' is not known", "Known are #id, .role and"
    ),
    "a quote is never closed": Bad(page(section(attributes='facts="a')), "## About", None, "can't be read", "Close every quote"),
    "a task is unknown": Bad(page(section(attributes="task=sing")), "## About", "task", "'sing'", "Correct the value"),
    "a section's id has capitals": Bad(page(section(name="What")), "## About", "id", "'What'", "Correct the value"),
    "a section's status is wrong": Bad(
        page(section(attributes="status=rumour")), "## About", "claims.status", "'rumour'", "Correct the value"
    ),
    "a section names a source that is not there": Bad(
        page(section(attributes='sources="2"')), "## About", "sources", "'2' are not numbers of", "sources 1 to 1"
    ),
    "a section names source zero": Bad(
        page(section(attributes='sources="0"')), "## About", "sources", "'0' are not numbers of", "sources 1 to 1"
    ),
    "a section names a car that is not on the page": Bad(
        page(section(attributes='vehicles="C3 IV"'), vehicles=C4_AND_C5), "## About", "vehicles", "'C3 IV'", "Add the car"
    ),
    "a section names an energy that the page leaves out": Bad(
        page(section(attributes='vehicles="C4 III (petrol)"'), vehicles=C4_ELECTRIC),
        "## About", "vehicles", "'C4 III (petrol)'", "Add the car",
    ),
    "a tutorial's section names no car": Bad(
        page(section(), kind="tutorial", vehicles=C4_AND_C5), "## About", "vehicles", "for which cars", 'Add vehicles="…"'
    ),
    "a section is empty": Bad(page(section(""), section(name="b")), "## About", None, "empty", "Write it, or remove"),
    "text stands before the first section": Bad(
        page("A stray line.\n", section()), "\0body", None, "before the first section", "under a '## ' heading"
    ),
    "there is a level-one heading": Bad(page(section("# Big\n\ntext")), "# Big", None, "level 1", "'## ' headings only"),
    "there is a level-three heading": Bad(page(section("### Small\n\ntext")), "### Small", None, "level 3", "'## ' headings"),
    "there is a table": Bad(
        page(section("Text.\n\n| a | b |\n|---|---|\n| 1 | 2 |")), "| a | b |", None, "table", "plain sentences"
    ),
    "there is an image": Bad(page(section("Text.\n\n![seat](seat.png)")), "![seat]", None, "image", "plain sentences"),
    "there is an HTML block": Bad(page(section("Text.\n\n<div>bold</div>")), "<div>", None, "HTML", "plain sentences"),
    "there is HTML in a sentence": Bad(page(section("A <b>bold</b> word.")), "<b>bold", None, "HTML", "plain sentences"),
    "there is a link": Bad(page(section("Read [this](https://x.example).")), "[this]", None, "link", "plain sentences"),
    "there is a bare link": Bad(page(section("Read <https://x.example>.")), "<https", None, "link", "plain sentences"),
    "there is a link's address below the text": Bad(
        page(section("Text.\n\n[this]: https://x.example")), "[this]", None, "link", "plain sentences"
    ),
    "there is a code block": Bad(page(section("Text.\n\n```\ncode\n```")), "```", None, "code block", "plain sentences"),
}  # fmt: skip


def expected_line(bad: Bad) -> int:
    body = bad.content.split("\n").index("---", 1) + 2 if "\0" in bad.blamed else 0
    return body or line_of(bad.content, bad.blamed)


@pytest.mark.parametrize("bad", BAD_PAGES.values(), ids=BAD_PAGES.keys())
def test_a_bad_page_is_refused_with_file_line_field_and_cure(bad: Bad, tmp_path: Path) -> None:
    error = refusal(bad.content, tmp_path)

    assert error.path == "en/page.md"
    assert bad.reason in error.reason
    assert bad.cure in error.cure
    assert error.field == bad.field
    assert error.line == expected_line(bad)


def test_the_message_of_a_refusal_holds_file_line_field_reason_and_cure(tmp_path: Path) -> None:
    error = refusal(page(colour="red"), tmp_path)

    assert str(error) == f"en/page.md:{error.line} (colour): the key is not known. Remove it, or correct its spelling."


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    error = refusal(b"", tmp_path)

    assert (error.line, error.reason, error.cure) == (1, "the file is empty", "Write the page, or remove the file.")


def test_a_file_of_blanks_counts_as_empty(tmp_path: Path) -> None:
    error = refusal(b" \n\t\n", tmp_path)

    assert error.reason == "the file is empty"


def test_invalid_utf_8_is_refused_on_its_line(tmp_path: Path) -> None:
    text = page(section("Bon café."))

    error = refusal(text.encode().replace("é".encode(), b"\xe9"), tmp_path)

    assert error.line == line_of(text, "Bon café.")
    assert "not UTF-8" in error.reason
    assert error.cure == "Save the file as UTF-8."


def test_a_page_of_five_megabytes_is_refused_unread(tmp_path: Path) -> None:
    error = refusal(page() + "x" * 5_000_000, tmp_path)

    assert "bytes" in error.reason
    assert f"{MAX_BYTES:,} bytes" in error.cure


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read_markdown(tmp_path / "gone.md", name="gone.md")

    assert caught.value.path == "gone.md"
    assert "can't be read" in caught.value.reason


@pytest.mark.parametrize(
    "value",
    ["!!bool x", "!!int ''", "!!timestamp soon", "!!float x", "[" * 3_000 + "]" * 3_000, "0x" + "f" * 6_000, "9" * 6_000],
    ids=["bool", "int", "timestamp", "float", "deep nesting", "long hexadecimal", "long number"],
)
def test_a_yaml_value_that_breaks_its_reader_is_refused(value: str, tmp_path: Path) -> None:
    text = page().replace("as_of: 2020", f"as_of: {value}")

    error = refusal(text, tmp_path)

    assert error.path == "en/page.md"


@pytest.mark.parametrize(
    ("once", "again"), [("kind: comfort", "kind: story"), ("  status: fact", "  status: claim")], ids=["key", "nested key"]
)
def test_a_key_that_stands_twice_is_refused(once: str, again: str, tmp_path: Path) -> None:
    text = page().replace(once, f"{once}\n{again}")

    error = refusal(text, tmp_path)

    assert error.line == line_of(text, again)


def good_page(folder: Path) -> Document:
    return document(
        page(
            section("It is a seat.", name="what"),
            section(
                "1. Sit down.\n2. Relax.",
                name="sit",
                role="steps",
                heading="Sitting down",
                attributes='task=on vehicles="C4 III (electric); C5 Aircross I" facts="c-1 c-2" sources="2"'
                ' status=claim as_of=2019 speaker="Citroën" confidence=reported',
            ),
            vehicles=C4_AND_C5,
            sources=[{"label": "First"}, {"label": "Second", "url": "https://press.example/x", "year": 2019}],
            questions=["Are the seats soft?"],
        ),
        folder,
    )


def test_a_good_page_keeps_its_head(tmp_path: Path) -> None:
    front = good_page(tmp_path).front

    assert (front.id, front.kind, front.title, front.language) == ("seats", "comfort", "Comfortable seats", "en")
    assert (front.audience, front.markets, front.questions) == ("customer", ("*",), ("Are the seats soft?",))
    assert [scope.label for scope in front.vehicles] == ["C4 III", "C5 Aircross I"]


def test_a_section_keeps_its_attributes_and_text(tmp_path: Path) -> None:
    sitting = good_page(tmp_path).sections[1]

    assert (sitting.id, sitting.heading, sitting.role, sitting.task) == ("sit", "Sitting down", Role.STEPS, "on")
    assert (sitting.text, sitting.facts) == ("1. Sit down.\n2. Relax.", ("c-1", "c-2"))
    assert [source.label for source in sitting.sources] == ["Second"]


def test_a_section_overrides_the_claims_of_its_page(tmp_path: Path) -> None:
    claims = good_page(tmp_path).sections[1].claims

    assert (claims.status, claims.as_of, claims.speaker, claims.confidence) == ("claim", 2019, "Citroën", "reported")


def test_a_section_without_attributes_has_all_of_its_page(tmp_path: Path) -> None:
    read = good_page(tmp_path)

    assert read.sections[0].vehicles == read.front.vehicles
    assert read.sections[0].sources == read.front.sources
    assert read.sections[0].claims == read.front.claims


def test_a_section_can_hold_for_one_energy_of_a_car(tmp_path: Path) -> None:
    scopes = good_page(tmp_path).sections[1].vehicles

    assert scopes[0] == VehicleScope(model="C4", generation="III", years="2020-", energy="electric")


def test_a_section_for_any_car_has_no_scopes(tmp_path: Path) -> None:
    read = document(page(section(attributes='vehicles="*"'), kind="tutorial", vehicles=C4_AND_C5), tmp_path)

    assert read.sections[0].vehicles == ()


def test_a_section_knows_its_line(tmp_path: Path) -> None:
    text = page(section(), section(name="more", heading="More"))

    read = document(text, tmp_path)

    assert read.sections[1].line == line_of(text, "## More")


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf" + page().encode(), page().replace("\n", "\r\n").encode()], ids=["BOM", "CRLF"])
def test_a_byte_order_mark_or_windows_line_ends_change_nothing(raw: bytes, tmp_path: Path) -> None:
    read = read_markdown(write(tmp_path / "page.md", raw), name="page.md")

    assert read == document(page(), tmp_path)


def test_a_document_comes_back_whole_from_its_json(tmp_path: Path) -> None:
    read = good_page(tmp_path)

    assert Document.model_validate_json(read.model_dump_json()) == read


def test_the_content_hash_does_not_depend_on_where_the_file_lies(tmp_path: Path) -> None:
    read = good_page(tmp_path)

    moved = read.model_copy(update={"root": "elsewhere", "path": "other.md"})

    assert moved.content_hash == read.content_hash


def test_the_content_hash_changes_with_a_word(tmp_path: Path) -> None:
    before = document(page(section("The foam is thick.")), tmp_path)

    after = document(page(section("The foam is thin.")), tmp_path)

    assert after.content_hash != before.content_hash


def test_a_page_is_read_again_only_when_its_file_has_changed(tmp_path: Path) -> None:
    file = write(tmp_path / "page.md", page(section("The foam is thick.")))
    first = read_markdown(file, name="page.md")

    again = read_markdown(file, name="page.md", before=first)
    write(file, page(section("The foam is thin.")))
    changed = read_markdown(file, name="page.md", before=first)

    assert again is first
    assert changed.sections[0].text == "The foam is thin."


@given(st.text(alphabet="ab=#. \"'\\\t", max_size=14))
def test_attributes_are_cut_as_a_shell_cuts_words(source: str) -> None:
    def cut(how: Callable[[str], list[str]]) -> list[str] | str:
        try:
            return how(source)
        except ValueError as error:
            return str(error)

    assert cut(markdown._words) == cut(shlex.split)
