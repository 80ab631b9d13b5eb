"""Which car people mean, as they write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.vehicle_recognition import VehicleRecognition
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS
from knowledge.vehicles import Vehicle


@pytest.fixture(scope="module")
def recognition() -> VehicleRecognition:
    return VehicleRecognition(Lexicon.read(Path(SHIPPED_CORPUS) / "lexicon"))


@pytest.mark.parametrize(
    ("text", "model", "generation", "year", "energy"),
    [
        ("mon C5 Aircross 2019", "C5 Aircross", "I", 2019, None),
        ("c5aircross", "C5 Aircross", None, None, None),
        ("C5-AIRCROSS", "C5 Aircross", None, None, None),
        ("c5 aircros de 2020", "C5 Aircross", "I", 2020, None),
        ("ma C4 de 2021", "C4", "III", 2021, None),
        ("the new C4", "C4", "III", None, None),
        ("ë-C4", "C4", "III", None, "electric"),
        ("e-C4", "C4", "III", None, "electric"),
        ("my electric C4", "C4", None, None, "electric"),
        ("C4 Cactus 2016", "C4 Cactus", "I", 2016, None),
        ("C4 X", "C4 X", "I", None, None),
        ("C5 X hybride rechargeable", "C5 X", "I", None, "plug-in hybrid"),
        ("C3 2019", "C3", "III", 2019, None),
        ("C3 2024", "C3", None, 2024, None),
        ("the Indian C3", "C3", "India", None, None),
        ("C3 Aircross de première génération", "C3 Aircross", "I", None, None),
        ("Berlimgo 2022", "Berlingo", "III", 2022, None),
        ("Hoe snel mag die kleine Ami?", "Ami", "I", None, None),
        ("Ami sur une prise normale", "Ami", "I", None, None),
        ("C5 Aircross 2020 à 2000 m d'altitude", "C5 Aircross", "I", 2020, None),
        ("C5 Aircross à 2000 m d'altitude", "C5 Aircross", None, None, None),
        ("o C5 Aircross de segunda geração", "C5 Aircross", "II", None, None),
        ("mon picasso", "C4 SpaceTourer", "II", None, None),
        ("le gomme della mia C5 X", "C5 X", "I", None, None),
        ("le frein à main électrique à la main de la C4", "C4", None, None, "electric"),
        ("avec le Berlingo, il a le Grip Control", "Berlingo", None, None, None),
    ],
)
def test_spellings_generations_years_and_energies(
    recognition: VehicleRecognition, text: str, model: str, generation: str | None, year: int | None, energy: str | None
) -> None:
    assert recognition.find(text) == Vehicle(model=model, generation=generation, year=year, energy=energy)


@pytest.mark.parametrize(
    "text", ["bonjour mon ami", "Ami, dis-moi l'heure", "quelle heure est-il", "Peugeot 3008", "e C quatro", "in 2019"]
)
def test_no_car_is_seen_where_there_is_none(recognition: VehicleRecognition, text: str) -> None:
    assert recognition.find(text) is None


def test_and_in_italian_is_not_an_electric_car(recognition: VehicleRecognition) -> None:
    found = recognition.find("C3 Aircross e C4")

    assert found is not None
    assert found.energy is None


def test_a_year_alone_completes_the_car_before(recognition: VehicleRecognition) -> None:
    before = Vehicle(model="C5 Aircross")

    assert recognition.find("celui de 2019", previous=before) == Vehicle(model="C5 Aircross", generation="I", year=2019)


@pytest.mark.parametrize(
    ("text", "newest"), [("et la nouvelle alors ?", True), ("et la nouvelle ?", True), ("la nouvelle route est fermée", False)]
)
def test_the_new_one_is_the_newest_of_the_model_before(recognition: VehicleRecognition, text: str, newest: bool) -> None:
    found = recognition.find(text, previous=Vehicle(model="C3", generation="III", year=2018))

    assert found == (Vehicle(model="C3", generation="IV") if newest else None)
