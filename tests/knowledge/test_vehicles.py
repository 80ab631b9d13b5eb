"""Which passages may be told of which car."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.vehicles import CarRange, Vehicle, VehicleScope, holds_for
from tests.knowledge.factories import lexicon

C3 = VehicleScope(model="C3")
C3_III = VehicleScope(model="C3", generation="III", years="2016-2024")
C3_IV = VehicleScope(model="C3", generation="IV", years="2024-")
C3_IV_ELECTRIC = VehicleScope(model="C3", generation="IV", years="2024-", energy="electric")
C3_INDIA = VehicleScope(model="C3", generation="India", years="2022-")
C4_III = VehicleScope(model="C4", generation="III", years="2020-")

ANY_C3 = Vehicle(model="C3")
THIRD = Vehicle(model="C3", generation="III")
FOURTH = Vehicle(model="C3", generation="IV")
FOURTH_PETROL = Vehicle(model="C3", generation="IV", energy="petrol")
FOURTH_ELECTRIC = Vehicle(model="C3", generation="IV", energy="electric")
ELECTRIC_C3 = Vehicle(model="C3", energy="electric")
INDIAN = Vehicle(model="C3", generation="India")
OF_2019 = Vehicle(model="C3", year=2019)


@pytest.mark.parametrize(
    ("scope", "vehicle", "holds"),
    [
        (C3_III, None, True),
        (C3_IV_ELECTRIC, None, True),
        (C3_INDIA, None, False),
        (C3, ANY_C3, True),
        (C3_III, ANY_C3, True),
        (C3_IV, ANY_C3, True),
        (C3_INDIA, ANY_C3, False),
        (C4_III, ANY_C3, False),
        (C3, THIRD, True),
        (C3_III, THIRD, True),
        (C3_IV, THIRD, False),
        (C3_INDIA, THIRD, False),
        (C3_IV_ELECTRIC, FOURTH, True),
        (C3_IV_ELECTRIC, FOURTH_ELECTRIC, True),
        (C3_IV_ELECTRIC, FOURTH_PETROL, False),
        (C3_IV, FOURTH_PETROL, True),
        (C3_IV_ELECTRIC, ELECTRIC_C3, True),
        (C3_III, ELECTRIC_C3, True),
        (C3_INDIA, INDIAN, True),
        (C3_IV, INDIAN, False),
        (C3_III, OF_2019, True),
        (C3_IV, OF_2019, False),
    ],
)
def test_a_scope_holds_for_a_car(scope: VehicleScope, vehicle: Vehicle | None, holds: bool) -> None:
    assert holds_for((scope,), vehicle) is holds


@pytest.mark.parametrize("vehicle", [None, ANY_C3, INDIAN, FOURTH_ELECTRIC])
def test_a_passage_without_scopes_holds_for_every_car(vehicle: Vehicle | None) -> None:
    assert holds_for((), vehicle)


def test_one_fitting_scope_is_enough() -> None:
    assert holds_for((C4_III, C3_IV), FOURTH)


def test_no_fitting_scope_is_too_few() -> None:
    assert not holds_for((C4_III, C3_III), FOURTH)


@pytest.mark.parametrize(
    ("scope", "label"),
    [
        (C3, "C3"),
        (C3_IV, "C3 IV"),
        (C3_IV_ELECTRIC, "C3 IV (electric)"),
        (VehicleScope(model="C4", energy="petrol"), "C4 (petrol)"),
    ],
)
def test_a_scope_is_labelled_as_a_section_names_it(scope: VehicleScope, label: str) -> None:
    assert scope.label == label


@pytest.fixture
def cars(tmp_path: Path) -> CarRange:
    return lexicon(tmp_path).cars


@pytest.mark.parametrize(
    ("model", "year", "generations"),
    [
        ("C3", 2019, ["III"]),
        ("C3", 2024, ["III", "IV"]),
        ("C3", 2016, ["II", "III"]),
        ("C3", 1998, ["II"]),
        ("C3", 2040, ["IV"]),
        ("C4", 2019, []),
        ("C5 Aircross", 2017, []),
    ],
    ids=["one", "change of year", "open start and next", "open start", "open end", "between two", "before the first"],
)
def test_generations_of_a_year_are_told_oldest_first(cars: CarRange, model: str, year: int, generations: list[str]) -> None:
    found = cars.generations_in(model, year)

    assert [generation.generation for generation in found] == generations


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        (VehicleScope(model="C3"), True),
        (VehicleScope(model="C3", generation="India"), True),
        (VehicleScope(model="C3", generation="V"), False),
        (VehicleScope(model="C9"), False),
    ],
)
def test_the_range_knows_its_models_and_generations(cars: CarRange, scope: VehicleScope, known: bool) -> None:
    assert cars.knows(scope) is known


def test_a_vehicle_is_told_with_all_its_parts() -> None:
    told = Vehicle(model="C3", year=2019).as_json()

    assert told == {"model": "C3", "generation": None, "year": 2019, "energy": None}
