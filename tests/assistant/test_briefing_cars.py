"""Which car a briefing is about, and whether it has the cushions: by generation, year, energy and power."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.briefing.composing import brief
from assistant.briefing.model import BriefingError, BriefingRequest
from evals.briefings import measure_cushions, read_cars
from evals.questions import SETS, SetError


@pytest.mark.parametrize(
    ("car", "has"),
    [
        ("C3 2018", "without"),
        ("C3 2025", "with"),
        ("C3 2012", "without"),
        ("C3 India 2022", "not-stated"),
        ("C4 2020 essence 100 ch", "without"),
        ("C4 PureTech 100 2022", "not-stated"),
        ("C4 PureTech 130 2020", "with"),
        ("C4 2021 petrol", "not-stated"),
        ("ë-C4 2022", "with"),
        ("C4 2025", "not-stated"),
        ("C4 2014", "without"),
        ("C4 X", "not-stated"),
        ("C5 X diesel", "not-stated"),
        ("Berlingo 2020", "not-stated"),
        ("Ami", "not-stated"),
    ],
)
def test_what_a_car_has_depends_on_its_generation_year_energy_and_power(car: str, has: str, sales: Assistant) -> None:
    made = brief(sales, BriefingRequest(vehicle=car, minutes=1))

    assert made.cushions == has
    assert made.verdict.text == made.phrases[has]
    cited = next(one.chunk for one in made.citations if one.n in made.verdict.citations)
    assert cited.document_id.startswith(("phc-cars", "phc-origin", "car-"))


def test_the_verdicts_are_those_of_the_table_that_was_written_from_the_facts(sales: Assistant) -> None:
    figures = measure_cushions(sales, read_cars(SETS / "cushions.jsonl"))

    assert figures["cars in the range"] == 91
    assert figures["right"] >= 0.97
    assert figures["told what there is instead"] == 1.0


def test_a_line_that_is_no_labelled_car_is_named(tmp_path) -> None:
    table = tmp_path / "cars.jsonl"
    table.write_text('{"car": "C3 2019"}\n', encoding="utf-8")

    with pytest.raises(SetError, match=r"cars\.jsonl:1"):
        read_cars(table)


def test_every_car_of_the_range_has_a_verdict_and_every_passage_that_the_plan_names_is_there(sales: Assistant) -> None:
    with sales.release() as release:
        plan, chunks = release.briefing, release.index.chunks.values()
        rows = {(row.model, row.generation) for row in plan.cushions if not (row.years or row.energies or row.horsepower)}
        cars = {(model.model, one.generation) for model in release.lexicon.cars.models for one in model.generations}
        named = {name for row in plan.cushions for name in (*row.passages, *row.never)}
        named |= {name for part in plan.parts.values() for names in part.values() for name in names}
        named |= {name for one in plan.technologies for name in one.passages} | set(plan.about_cushions.pages)
        for idea in plan.ideas:
            named |= {*idea.hook, *idea.image, *idea.fits, *idea.drive, *idea.objections, *idea.ask, *idea.never}
        pages = {(one.language, one.document_id) for one in chunks}
        sections = {(one.language, f"{one.document_id}#{one.section_id}") for one in chunks}

    assert cars <= rows
    assert {(language, name) for language in ("fr", "en") for name in named} <= pages | sections


def test_without_a_year_the_newest_generation_is_meant_and_said(sales: Assistant) -> None:
    made = brief(sales, BriefingRequest(vehicle="C3", language="en"))

    assert made.vehicle.generation == "IV"
    assert any("No year" in note and "2024" in note for note in made.notes)


def test_a_year_of_two_generations_and_one_of_none_are_said(sales: Assistant) -> None:
    shared = brief(sales, BriefingRequest(vehicle="C5 Aircross 2025", language="en"))
    closest = brief(sales, BriefingRequest(vehicle="C5 Aircross 2017", language="en"))

    assert shared.vehicle.generation == "II"
    assert "Two generations" in shared.notes[0]
    assert closest.vehicle.generation == "I"
    assert "no such car of 2017" in closest.notes[0]


def test_an_energy_that_the_car_never_had_is_said(sales: Assistant) -> None:
    made = brief(sales, BriefingRequest(vehicle="C5 X diesel 2022", language="en"))

    assert any("no diesel version" in note for note in made.notes)


def test_a_misspelt_car_is_understood(sales: Assistant) -> None:
    assert brief(sales, BriefingRequest(vehicle="C5 Aircros 2019", minutes=1)).vehicle.model == "C5 Aircross"


@pytest.mark.parametrize(
    ("car", "said"),
    [
        ("Golf", "is not a Citroën.*comparison"),
        ("DS 19 1955", "car of the past"),
        ("C3 WRC 2019", "car of the past, of racing"),
        ("C2 2004", "car of the past"),
        ("xyz", "no car that our pages know. The nearest"),
        ("<script>", "The nearest"),
        ("", "Name the car"),
        ("!", "Name the car"),
    ],
)
def test_a_car_without_a_briefing_gets_what_there_is_instead(car: str, said: str, sales: Assistant) -> None:
    with pytest.raises(BriefingError, match=said):
        brief(sales, BriefingRequest(vehicle=car, language="en"))


def test_the_refusal_is_in_the_sellers_language(sales: Assistant) -> None:
    with pytest.raises(BriefingError, match="n'est pas une Citroën"):
        brief(sales, BriefingRequest(vehicle="VW Golf", language="fr"))
