"""Hard checks run on fake vectors; what depends on meaning uses the bundled embedder, a few sentences in all."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.entailment import Entailment, EntailmentCalibration, Judged, Pair
from assistant.entailment.inference import Inference, Inferred
from assistant.entailment.quantities import quantities
from knowledge.embedding import BundledEmbedder, FakeEmbedder
from knowledge.errors import ConfigurationError
from knowledge.settings import SHIPPED_CORPUS

LIMITER = (
    "Speed limiter — What it does\nOn the SpaceTourer (2016 onwards), the lowest speed you can set on the limiter is 30 km/h. "
    "The speed limiter of the SpaceTourer keeps the set speed after the ignition is switched off."
)
LIMITEUR = (
    "Limiteur de vitesse — À quoi il sert\nSur le SpaceTourer (depuis 2016), la vitesse la plus basse que vous pouvez "
    "régler sur le limiteur est de 30 km/h. Le limiteur de vitesse du SpaceTourer garde la vitesse réglée "
    "après la coupure du contact."
)


class CountingEmbedder(FakeEmbedder):
    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def embed_passages(self, texts: list[str]):
        self.batches.append(texts)
        return super().embed_passages(texts)


@pytest.fixture(scope="module")
def words_only() -> Entailment:
    return Entailment.open(FakeEmbedder(), SHIPPED_CORPUS)


@pytest.fixture(scope="module")
def meaning(embedder: BundledEmbedder) -> Entailment:
    return Entailment.open(embedder, SHIPPED_CORPUS)


def judge(entailment: Entailment, claim: str, source: str) -> Judged:
    return entailment.check([Pair(claim=claim, source=source)])[0]


def kinds(judged: Judged) -> set[str]:
    return {reason.split(":")[0] for reason in judged.reasons}


@pytest.mark.parametrize(
    ("claim", "source", "kind"),
    [
        ("On the SpaceTourer, the lowest speed you can set on the limiter is 40 km/h.", LIMITER, "number"),
        ("On the SpaceTourer, the lowest speed you can set on the limiter is forty km/h.", LIMITER, "number"),
        ("On the SpaceTourer, the lowest speed you can set on the limiter is 30 mph.", LIMITER, "unit"),
        ("Sur le SpaceTourer (depuis 2017), la vitesse la plus basse du limiteur est de 30 km/h.", LIMITEUR, "year"),
        ("On the Berlingo, the lowest speed you can set on the limiter is 30 km/h.", LIMITER, "car"),
        ("Bosch says that the lowest speed you can set on the limiter is 30 km/h, and Valeo agrees.", LIMITER, "name"),
        ("Le limiteur du SpaceTourer ne garde pas la vitesse réglée après la coupure du contact.", LIMITEUR, "negation"),
        ("The limiter of the SpaceTourer never keeps the set speed after the ignition is switched off.", LIMITER, "negation"),
        ("The speed limiter keeps the set speed after the ignition is switched on.", LIMITER, "opposite"),
        ("Appuyez pour désactiver l'aide au stationnement.", "Appuyez pour activer l'aide au stationnement.", "opposite"),
        ("All versions of the seat have a massage function.", "Some versions of the seat have a massage function.", "quantifier"),
        ("Le système doit freiner la voiture seul.", "Le système peut freiner la voiture seul.", "quantifier"),
        ("The third button saves the speed.", "Press the fifth button: it saves the speed.", "ordinal"),
    ],
)  # fmt: skip
def test_a_fact_that_the_source_does_not_hold_is_named_and_rejected(words_only: Entailment, claim: str, source: str, kind: str):
    judged = judge(words_only, claim, source)

    assert not judged.supported
    assert kind in kinds(judged)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("It charges at 7.4 kW.", "Elle charge à 7,4 kW."),
        ("Un trajet de 12 000 km.", "A journey of 12,000 km."),
        ("Twenty-five seconds pass.", "25 s passent."),
        ("It takes 20 percent.", "It takes 20 %."),
        ("Between 30 km/h and 180 km/h.", "Between 30 and 180 km/h."),
        ("Press it 2 times.", "Press it twice."),
    ],
)
def test_a_number_is_the_same_however_it_is_written(words_only: Entailment, claim: str, source: str):
    judged = judge(words_only, claim, source)

    assert not kinds(judged) & {"number", "unit", "year"}


def test_letters_with_digits_are_names_and_no_quantities():
    assert quantities("The C5 Aircross, a 2CV and an H7 bulb", "en") == ()


def test_a_car_is_held_to_the_years_beside_it(words_only: Entailment):
    source = "The C4 (2020 onwards) and the C3 Aircross (2017-2024) have it."

    swapped = judge(words_only, "The C3 Aircross (2020 onwards) has it.", source)
    inside = judge(words_only, "The C3 Aircross (2018) has it.", source)

    assert "car years" in kinds(swapped)
    assert not kinds(inside) & {"car", "car years", "year"}


def test_the_brands_own_name_needs_no_source(words_only: Entailment):
    judged = judge(words_only, "At Citroën, the limiter keeps the set speed.", LIMITER)

    assert "name" not in kinds(judged)


def test_only_in_french_is_no_negation(words_only: Entailment):
    judged = judge(words_only, "Le système ne marche que sous 30 km/h.", "Le système marche seulement sous 30 km/h.")

    assert not judged.reasons or "negation" not in kinds(judged)


def test_a_negation_beside_an_opposite_says_the_same(words_only: Entailment):
    judged = judge(words_only, "The rear door is not open.", "The rear door is closed.")

    assert not kinds(judged) & {"negation", "opposite"}


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("30 km/h is the lowest limiter speed that you can set on the SpaceTourer.", LIMITER),
        ("Sur le SpaceTourer, le limiteur se règle à partir de 30 km/h, la vitesse la plus basse.", LIMITEUR),
        ("Après la coupure du contact, la vitesse réglée du limiteur est gardée par le SpaceTourer.", LIMITEUR),
        ("Le limiteur de vitesse du SpaceTourer garde la vitesse réglée après la coupure du contact.", LIMITER),
    ],
)
def test_a_sentence_that_says_what_the_source_says_is_supported(meaning: Entailment, claim: str, source: str):
    judged = judge(meaning, claim, source)

    assert judged.supported, judged


@pytest.mark.parametrize(
    "claim",
    ["The seats of the SpaceTourer are heated.", "Le SpaceTourer reçoit un toit panoramique.", "How do you like it?", "Enjoy!"],
)
def test_a_sentence_whose_meaning_is_elsewhere_is_not_supported(meaning: Entailment, claim: str):
    judged = judge(meaning, claim, LIMITER)

    assert not judged.supported
    assert "elsewhere" in judged.reasons


def test_contradiction_is_likelier_for_a_denial_than_for_the_sentence_itself(meaning: Entailment):
    sentence = "Le limiteur de vitesse du SpaceTourer garde la vitesse réglée après la coupure du contact."

    same = judge(meaning, sentence, LIMITEUR)
    denied = judge(meaning, sentence.replace("garde", "ne garde pas"), LIMITEUR)

    assert denied.contradiction > same.contradiction + 0.2


def test_everything_is_embedded_in_one_batch_and_a_passage_only_once():
    embedder = CountingEmbedder()
    entailment = Entailment.open(embedder, SHIPPED_CORPUS)

    entailment.check([Pair(claim="It keeps the set speed.", source=LIMITER), Pair(claim="The speed is 30 km/h.", source=LIMITER)])
    entailment.check([Pair(claim="The lowest speed is set.", source=LIMITER)])

    first, second = embedder.batches
    assert len(first) == len(set(first))
    assert second == ["The lowest speed is set."]


def test_no_pairs_and_empty_texts_are_not_supported(words_only: Entailment):
    assert words_only.check([]) == []
    assert not judge(words_only, "", LIMITER).supported
    assert not judge(words_only, "It keeps the set speed.", "").supported


def test_a_damaged_calibration_is_refused_with_the_cure(tmp_path: Path):
    (tmp_path / "entailment.yaml").write_text("support: 3", encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"python -m evals\.entailment_fitting"):
        EntailmentCalibration.read(tmp_path / "entailment.yaml")


class Sure:
    """An inference model of which every sentence follows as surely as it is told."""

    def __init__(self, entailed: float) -> None:
        self.entailed = entailed

    def read(self, pairs: list[tuple[str, str]]) -> list[Inferred]:
        return [Inferred(entailed=self.entailed, contradicted=-self.entailed) for _ in pairs]


@pytest.mark.parametrize(
    ("claim", "entailed", "clash"),
    [
        ("Nothing but the ignition staying on is not needed: no set speed gets lost on the SpaceTourer.", 6.0, None),
        ("Nothing but the ignition staying on is not needed: no set speed gets lost on the SpaceTourer.", 0.0, "negation"),
        ("The speed limiter of the SpaceTourer does not keep the set speed after the ignition is switched off.", 6.0, "negation"),
        ("On no SpaceTourer does anybody lose the 50 km/h once chosen.", 6.0, "number"),
    ],
)
def test_a_sure_model_is_heard_where_a_sentence_told_anew_clashes_in_its_wording_alone(monkeypatch, claim, entailed, clash):
    monkeypatch.setattr(Inference, "shipped", lambda: Sure(entailed))
    (judged,) = Entailment.open(FakeEmbedder(), SHIPPED_CORPUS).retold([Pair(claim=claim, source=LIMITER, language="en")])

    assert kinds(judged) - {"elsewhere"} >= ({clash} if clash else set())
    assert clash or not kinds(judged) & {"negation", "opposite", "quantifier"}
