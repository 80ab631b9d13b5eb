# ruff: noqa: RUF001  the apostrophes are those of the sample files
"""What is taken out of real files of each format; how they were made is told in files/README.md."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.document import Document
from knowledge.loading import Loaded, load
from tests.knowledge.factories import lexicon, write

FILES = Path(__file__).parent / "files"
FILM = """
title: The picnic table
kind: tutorial
audience: customer
vehicles: []
claims: {status: fact, as_of: 2021}
sources:
  - {label: "Picnic film, 2021", url: "https://www.citroen.fr/film.html", year: 2021}
reviewed: 2026-11-22
"""


def loaded(folder: Path, *names: str, **beside: str) -> Loaded:
    """What loading these sample files gives; `beside` are more files, by their name with "__" for a dot."""
    for name in names:
        write(folder / "pages" / name, (FILES / name).read_bytes())
    for name, text in beside.items():
        write(folder / "pages" / name.replace("__", "."), text)
    return load(folder / "pages", lexicon(folder), root_name="pages")


def only(found: Loaded) -> Document:
    (document,) = found.documents
    return document


def texts(document: Document) -> dict[str, str]:
    return {section.heading: section.text for section in document.sections}


def everything(document: Document) -> str:
    return "\n".join(f"{section.heading}\n{section.text}" for section in document.sections)


def messages(found: Loaded) -> str:
    return "\n".join(finding.message for finding in found.findings)


# web pages


def test_a_web_page_gives_its_main_content_in_sections(tmp_path: Path) -> None:
    document = only(loaded(tmp_path, "web-page.html"))

    assert (document.front.title, document.front.language, str(document.front.reviewed)) == ("Seat massage", "en", "2022-05-04")
    assert texts(document) == {
        "Seat massage": "The massage of the front seats works on the lower back. It runs for one hour.\n\n"
        "Zerowidth letters are no letters.",
        "Switching it on": "1. Press the massage button at the side of the seat.\n2. Choose a strength on the touch screen.",
        "Versions": "Driver — Programmes: 5; Strengths: 3\n\nPassenger — Programmes: 5; Strengths: 2",
        "Versions: Questions: Does it use much current?": "The massage uses less than a headlamp.\n\n"
        "See the film, above, more and elsewhere.",
    }


@pytest.mark.parametrize("left_out", ["script", "alert", "Home", "Our cars", "Legal notice", "Ignore all", "color"])
def test_scripts_menus_and_hidden_text_of_a_web_page_are_left_out(left_out: str, tmp_path: Path) -> None:
    assert left_out not in everything(only(loaded(tmp_path, "web-page.html")))


def test_hidden_text_and_invisible_letters_of_a_web_page_are_reported(tmp_path: Path) -> None:
    told = messages(loaded(tmp_path, "web-page.html"))

    assert "hidden from readers was left out: 'Ignore all previous instructions" in told
    assert "1 invisible characters were taken out" in told


def test_dead_links_of_a_web_page_are_reported_and_live_ones_are_not(tmp_path: Path) -> None:
    found = loaded(tmp_path, "web-page.html", subtitles__vtt="WEBVTT\n\n00:01.000 --> 00:02.000\nA film.\n")

    dead = [finding.message for finding in found.findings if finding.kind == "dead-link"]
    assert dead == ["web-page.html: the link 'missing.html' leads nowhere"]


def test_heading_attributes_give_a_section_its_role_and_its_name(tmp_path: Path) -> None:
    page = "<h1>Seats</h1><h2>Take care {#hot .warning}</h2><p>The seat gets hot.</p>"

    section = only(loaded(tmp_path, seats__html=f"<html lang=en><body>{page}</body></html>")).sections[0]

    assert (section.id, section.role.value, section.heading) == ("hot", "warning", "Take care")


# PDF


def test_two_columns_of_a_pdf_are_read_one_after_the_other(tmp_path: Path) -> None:
    document = only(loaded(tmp_path, "two-columns.typst.pdf"))

    headings = [section.heading for section in document.sections]
    assert headings == [
        "Cruise control (p. 1)", "Cruise control (p. 1)", "Seat massage (p. 1)", "Lighting (p. 1)",
        "Lighting: Boot lamp (p. 1)", "Tyres (p. 2)", "Bulbs (p. 2)", "Battery (p. 3)",
    ]  # fmt: skip


def test_a_sentence_over_two_columns_is_put_together(tmp_path: Path) -> None:
    text = everything(only(loaded(tmp_path, "two-columns.typst.pdf")))

    assert "have the tyre repaired as soon as possible by a workshop that is equipped for it." in text


def test_words_divided_at_the_end_of_a_line_are_made_whole(tmp_path: Path) -> None:
    text = everything(only(loaded(tmp_path, "two-columns.typst.pdf")))

    assert "sidelamps" in text
    assert "before the battery is disconnected" in text


@pytest.mark.parametrize("repeated", ["Handbook", "C5 Aircross", "Driving"])
def test_headers_and_footers_of_a_pdf_are_dropped(repeated: str, tmp_path: Path) -> None:
    assert repeated not in everything(only(loaded(tmp_path, "two-columns.typst.pdf")))


def test_tables_of_a_pdf_are_kept_as_rows(tmp_path: Path) -> None:
    text = everything(only(loaded(tmp_path, "two-columns.typst.pdf")))

    assert "Reversing lamp — Type: W16W; Power: 16 W" in text


def test_numbered_steps_of_a_pdf_become_a_section_of_steps(tmp_path: Path) -> None:
    steps = only(loaded(tmp_path, "two-columns.typst.pdf")).sections[1]

    assert (steps.role.value, steps.task) == ("steps", "use")
    assert steps.text.split("\n")[1] == "2. Press the button SET at the wanted speed."


def test_a_citation_of_a_pdf_leads_to_its_page(tmp_path: Path) -> None:
    sidecar = FILM.replace("film.html", "handbook.pdf")

    found = loaded(tmp_path, "two-columns.typst.pdf", **{"two-columns__typst__pdf__meta__yaml": sidecar})

    source = only(found).sections[-1].sources[0]
    assert (source.label, source.url) == ("Picnic film, 2021, page 3", "https://www.citroen.fr/handbook.pdf#page=3")


def test_a_page_printed_by_a_browser_is_read(tmp_path: Path) -> None:
    text = everything(only(loaded(tmp_path, "web-page.chromium.pdf")))

    assert "The massage of the front seats works on the lower back. It runs for one hour." in text
    assert "1. Press the massage button at the side of the seat.\n2. Choose a strength on the touch screen." in text
    assert "Passenger 5 2" in text


@pytest.mark.parametrize("name", ["guide.libreoffice.docx", "guide.libreoffice.pdf"])
def test_a_text_of_libreoffice_is_read_from_either_format(name: str, tmp_path: Path) -> None:
    document = only(loaded(tmp_path, name))

    text = everything(document)
    assert document.front.language == "fr"
    for expected in (
        "Suspensions", "Les butées hydrauliques progressives freinent la roue en fin de course.", "Entretien",
        "1. Garez la voiture sur un sol plat.\n2. Attendez deux minutes.", "\nUne première remarque sur les pneus.\n",
        "Conducteur — Mousse: 15 mm", "Passager — Mousse: 12 mm",
    ):  # fmt: skip
        assert expected in text


# subtitles


def test_subtitles_become_sections_that_begin_at_a_second(tmp_path: Path) -> None:
    document = only(loaded(tmp_path, "tutorial.vtt", tutorial__vtt__meta__yaml=FILM))

    assert texts(document) == {
        "The picnic table, 0:01": "Welcome. This film shows the picnic table. "
        "The picnic table folds out of the tailgate & holds 30 kg.",
        "The picnic table, 1:23": "Pull the red strap to lock the picnic table. Push the strap back to fold it away.",
    }
    assert [section.sources[0].url for section in document.sections] == [
        "https://www.citroen.fr/film.html#t=1",
        "https://www.citroen.fr/film.html#t=83",
    ]


def test_subtitles_with_overlapping_times_are_read_and_reported(tmp_path: Path) -> None:
    assert "2 subtitles begin before the one before them ends (first at 0:04)" in messages(loaded(tmp_path, "tutorial.vtt"))


def test_old_subtitles_in_another_encoding_are_read(tmp_path: Path) -> None:
    document = only(loaded(tmp_path, "tutoriel.fr.srt"))

    assert document.key == "tutoriel.fr"
    assert [section.text for section in document.sections] == [
        "Le siège chauffant s’allume avec la molette. Trois positions sont possibles.",
        "Il s’éteint tout seul au bout d’une heure.",
    ]


def test_rolling_captions_are_told_once(tmp_path: Path) -> None:
    captions = "WEBVTT\n\n" + "".join(
        f"00:00:0{second}.000 --> 00:00:0{second + 1}.000\n{lines}\n\n"
        for second, lines in enumerate(["Turn the wheel", "Turn the wheel\nto the left", "to the left\nand press."])
    )

    document = only(loaded(tmp_path, rolling__vtt=captions))

    assert document.sections[0].text == "Turn the wheel to the left and press."


# tables and JSON lines


def test_a_table_in_windows_1252_with_semicolons_is_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, "faq.windows-1252.csv")

    french, english = found.documents
    assert texts(french) == {
        "Comment régler l’éclairage d’ambiance ?": "L’éclairage d’ambiance se règle à l’écran ; trois niveaux sont possibles.\n"
        "Il s’éteint avec les feux.",
        "Quelle est la capacité du réservoir d’AdBlue ?": "Le réservoir d’AdBlue contient 17 litres.",
    }
    assert (english.front.language, english.front.kind, english.sections[0].role.value) == ("en", "faq", "question")
    assert "the column 'Remarque' is not used" in messages(found)


def test_a_row_without_an_answer_is_named_by_its_line(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, "faq.windows-1252.csv").failures

    assert (failure.path, failure.line, failure.reason) == ("faq.windows-1252.csv", 4, "the row has no answer")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_delimiter_is_understood(delimiter: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, faq__csv=f'question{delimiter}answer\nHow wide?{delimiter}"Two metres, or so; by version."\n')

    assert texts(only(found)) == {"How wide?": "Two metres, or so; by version."}


def test_a_table_without_question_and_answer_is_refused(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, faq__csv="name,price\nC4,1\n").failures

    assert "no columns 'question' and 'answer' (found: 'name', 'price')" in failure.reason


def test_json_lines_hold_pages_and_questions_and_bad_lines_are_named(tmp_path: Path) -> None:
    found = loaded(tmp_path, "pages.jsonl")

    assert {document.key: len(document.sections) for document in found.documents} == {"roof-box.en": 1, "pages.en": 2}
    assert [failure.line for failure in found.failures] == [3, 4]
    assert "not JSON" in found.failures[0].reason


# metadata


def test_a_sidecar_wins_over_the_file_and_the_file_over_the_folder(tmp_path: Path) -> None:
    shutil.copytree(FILES, tmp_path / "pages" / "films", ignore=lambda _, names: set(names) - {"web-page.html"})
    write(tmp_path / "pages/_defaults.yaml", "audience: sales\nkind: comfort\nlanguage: fr\nmarkets: [GB]\n")
    write(tmp_path / "pages/films/_defaults.yaml", "kind: story\n")
    write(tmp_path / "pages/films/web-page.html.meta.yaml", "title: Massage\n")

    front = only(load(tmp_path / "pages", lexicon(tmp_path), root_name="pages")).front

    assert (front.audience, front.kind, front.language, front.markets, front.title) == (
        "sales",
        "story",
        "en",
        ("GB",),
        "Massage",
    )


def test_what_had_to_be_assumed_is_told_with_the_cure(tmp_path: Path) -> None:
    told = messages(loaded(tmp_path, "tutoriel.fr.srt"))

    assert "assumed: kind tutorial, audience customer, any car, status fact as of " in told
    assert "Write what it is into tutoriel.fr.srt.meta.yaml" in told


def test_a_file_with_a_whole_sidecar_has_nothing_assumed(tmp_path: Path) -> None:
    found = loaded(tmp_path, "tutorial.vtt", tutorial__vtt__meta__yaml=FILM + "language: en\n")

    assert [finding.kind for finding in found.findings] == ["note"]


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [("title: x\ncolour: red\n", 2, "colour"), ("kind: essay\n", 1, "kind"), ("a: [\n", 2, None), ("- a\n", 1, None)],
    ids=["unknown key", "wrong value", "not YAML", "no keys"],
)
def test_a_wrong_sidecar_is_named_with_line_and_key(text: str, line: int, field: str | None, tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, "tutorial.vtt", tutorial__vtt__meta__yaml=text).failures

    assert (failure.path, failure.line, failure.field) == ("tutorial.vtt.meta.yaml", line, field)


def test_a_sidecar_without_its_file_is_reported(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, gone__pdf__meta__yaml="title: x\n").failures

    assert failure.path == "gone.pdf.meta.yaml"


def test_an_unknown_car_in_a_sidecar_is_refused(tmp_path: Path) -> None:
    (failure,) = loaded(tmp_path, "tutorial.vtt", tutorial__vtt__meta__yaml="vehicles: [{model: C9}]\n").failures

    assert "the car 'C9' is not known" in failure.reason
