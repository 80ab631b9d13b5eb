"""A document becomes chunks: one a section, a long section on sentence ends, nothing lost, every id usable in an address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.document import Claims, Document, FrontMatter, Role, Section, Source
from knowledge.splitting import MAX_WORDS, Chunk, split
from tests.knowledge.factories import document, page, section

LONG = " ".join(f"Sentence number {number} says that the foam of the seats is thick." for number in range(60))


def pieces(text: str, folder: Path) -> list[str]:
    return [chunk.text for chunk in split(document(page(section(text)), folder))]


def document_of(text: str) -> Document:
    claims = Claims(status="fact", as_of=2020)
    front = FrontMatter(
        id="a", kind="faq", title="T", language="en", audience="customer", markets=("*",), vehicles=(), features=(),
        claims=claims, sources=(Source(label="s"),), reviewed="2026-11-22",
    )  # fmt: skip
    return Document(front=front, sections=(Section(id="s", heading="H", role=Role.WHAT, claims=claims, text=text),))


def test_a_short_section_is_one_chunk(tmp_path: Path) -> None:
    found = pieces("The foam is thick. It is soft.", tmp_path)

    assert found == ["The foam is thick. It is soft."]


def test_a_long_section_is_cut_on_sentence_ends(tmp_path: Path) -> None:
    found = pieces(LONG, tmp_path)

    assert len(found) > 1
    assert all(piece.startswith("Sentence number") and piece.endswith("thick.") for piece in found)


def test_no_part_of_a_long_section_is_longer_than_the_limit(tmp_path: Path) -> None:
    found = pieces(LONG, tmp_path)

    assert max(len(piece.split()) for piece in found) <= MAX_WORDS


def test_the_parts_of_a_long_section_are_all_of_it_in_order(tmp_path: Path) -> None:
    found = pieces(LONG, tmp_path)

    assert " ".join(found) == LONG


def test_a_cut_list_of_steps_keeps_its_numbers(tmp_path: Path) -> None:
    steps = "\n".join(f"{number}. Press the button that has the number {number} written on it." for number in range(1, 31))

    found = pieces(steps, tmp_path)

    assert "\n".join(found) == steps


def test_a_sentence_longer_than_the_limit_stays_whole(tmp_path: Path) -> None:
    sentence = " ".join(["word"] * (MAX_WORDS + 20)) + "."

    found = pieces(f"Short one. {sentence} Last one.", tmp_path)

    assert found == ["Short one.", sentence, "Last one."]


@given(
    text=st.lists(
        st.sampled_from(["The foam is thick. ", "1. Press.\n", "\n\n", "Is it? ", "30 km/h. ", "word " * 70, "« Oui. » "]),
        min_size=1,
        max_size=20,
    )
    .map("".join)
    .filter(str.strip)
)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_parts_are_verbatim_and_lose_only_blanks(text: str) -> None:
    found = [chunk.text for chunk in split(document_of(text))]

    assert all(piece in text for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def chunks_of_two_languages(folder: Path) -> list[Chunk]:
    sections = section(LONG), section(LONG, name="more", heading="Déjà vu?")
    return [
        chunk for language in ("en", "fr") for chunk in split(document(page(*sections, language=language, id="a-seat-2"), folder))
    ]


def test_ids_are_unique_over_sections_parts_and_languages(tmp_path: Path) -> None:
    ids = [chunk.id for chunk in chunks_of_two_languages(tmp_path)]

    assert len(ids) == len(set(ids)) > 8


def test_ids_fit_into_an_address_unescaped(tmp_path: Path) -> None:
    ids = [chunk.id for chunk in chunks_of_two_languages(tmp_path)]

    assert [quote(name, safe="") for name in ids] == ids


def test_an_id_is_made_of_document_language_section_and_part(tmp_path: Path) -> None:
    ids = [chunk.id for chunk in split(document(page(section(LONG)), tmp_path))]

    assert ids[:2] == ["seats.en.what", "seats.en.what.2"]


def test_a_chunk_carries_what_its_section_and_page_say(tmp_path: Path) -> None:
    text = page(
        section("1. Sit.", role="steps", attributes="task=use status=claim as_of=2019"),
        markets=["FR"], audience="sales", features=["hill-start"], vehicles=[{"model": "C4"}],
    )  # fmt: skip

    (chunk,) = split(document(text, tmp_path))

    assert (chunk.role, chunk.task, chunk.markets, chunk.audience) == (Role.STEPS, "use", ("FR",), "sales")
    assert (chunk.features, chunk.vehicles[0].model) == (("hill-start",), "C4")
    assert (chunk.claims.status, chunk.claims.as_of, chunk.sources[0].label) == ("claim", 2019, "Handbook, 2020")


def test_a_passage_has_its_title_and_heading_as_context(tmp_path: Path) -> None:
    (chunk,) = split(document(page(), tmp_path))

    assert chunk.passage == "Comfortable seats — About the seats\nThe foam of the seats is thick."
