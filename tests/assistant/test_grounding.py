"""Sentences that a person wrote after a page: faithful ones are let through, ones with a single thing swapped are not."""

from __future__ import annotations

import pytest

from assistant.composing.generative import Written
from assistant.entailment import Entailment
from assistant.grounding import Grounding, Scene
from assistant.prompting import Prompt
from assistant.vehicle_recognition import VehicleRecognition
from knowledge.embedding import BundledEmbedder
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS
from tests.assistant.retelling_factories import passage

SEAT = "On the C4 (up to 2018), the line warning is a vibration of the driver's seat, above 80 km/h."
BEAM = (
    "Si votre voiture en est équipée, la commutation automatique alterne feux de route et feux de croisement, selon la lumière "
    "et le trafic. La commutation automatique des feux de route se sert de la caméra du pare-brise."
)
GRILLE = "The 2020 facelift brought the C3 (2016-2024) a new grille and, as an option, Advanced Comfort seats."
MODUTOP = "Le Modutop offre 92 litres de rangement en tout, selon une source de 2018 sur le Berlingo."


@pytest.fixture(scope="module")
def grounding(embedder: BundledEmbedder) -> Grounding:
    recognition = VehicleRecognition(Lexicon.read(SHIPPED_CORPUS / "lexicon"))
    return Grounding(Entailment.open(embedder, SHIPPED_CORPUS), Prompt.read(SHIPPED_CORPUS / "prompts"), recognition)


def shown(grounding: Grounding, text: str, page: str, language: str) -> bool:
    chunk = passage(page, language=language, title="Page", section="Section")
    scene = Scene(audience="customer", vehicle=None, language=language, passages=(chunk,))
    return grounding.check(Written(text=text, chunks=(chunk,), resolved=True), scene, car_named=True).drafted is not None


@pytest.mark.parametrize(
    ("text", "page", "language"),
    [
        ("On the C4 (up to 2018), the line warning comes as a vibration of the driver's seat above 80 km/h.", SEAT, "en"),
        ("La caméra du pare-brise est ce qu'utilise la commutation automatique des feux de route.", BEAM, "fr"),
        ("Le Modutop donne 92 litres de rangement en tout, selon une source de 2018 sur le Berlingo.", MODUTOP, "fr"),
    ],
)
def test_a_faithful_sentence_is_let_through(grounding: Grounding, text: str, page: str, language: str) -> None:
    assert shown(grounding, text, page, language)


@pytest.mark.parametrize(
    ("text", "page", "language"),
    [
        ("The C4 warns you with a beep above 80 km/h.", SEAT, "en"),
        ("The C4 warns you by a vibration of the steering wheel, above 80 km/h.", SEAT, "en"),
        ("Above 80 mph, the C4 warns you by making the driver's seat vibrate.", SEAT, "en"),
        ("The 2020 facelift brought the C3 a new grille and, as standard, Advanced Comfort seats.", GRILLE, "en"),
        ("The 2020 facelift brought the C4 a new grille.", GRILLE, "en"),
        ("La commutation automatique éteint les phares quand un piéton approche.", BEAM, "fr"),
        ("La commutation automatique se sert du radar du pare-chocs.", BEAM, "fr"),
        ("Le Modutop est de série sur tous les Berlingo et offre 92 litres de rangement.", MODUTOP, "fr"),
        ("Le Modutop du Berlingo protège les passagers en cas d'accident.", MODUTOP, "fr"),
        ("On the C4 (up to 2018), the driver's seat is a line warning of the vibration, above 80 km/h.", SEAT, "en"),
        ("Advanced Comfort seats brought the C3 a new grille and, as an option, the 2020 facelift.", GRILLE, "en"),
    ],
)
def test_a_sentence_with_one_thing_swapped_is_withheld(grounding: Grounding, text: str, page: str, language: str) -> None:
    assert not shown(grounding, text, page, language)


def test_a_word_longer_than_the_model_reads_is_withheld_and_breaks_nothing(grounding: Grounding) -> None:
    endless = f"On the C4 (up to 2018), the line warning brakes the {'lorry' * 3_000}."

    assert not shown(grounding, endless, SEAT, "en")
