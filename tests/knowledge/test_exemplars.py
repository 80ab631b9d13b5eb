"""Example questions by label, and the classifier that learns from them when a snapshot is built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.classifier import Classifier
from knowledge.embedding import FakeEmbedder
from knowledge.errors import BrandAssistantError
from knowledge.exemplars import INNOCENT, exemplar_texts
from knowledge.shipping import texts
from knowledge.snapshots import RELEASE, SnapshotStore
from tests.knowledge.factories import corpus, ingested, settings_for, write

EXAMPLES = {
    "price": ["how much is it", "what does the car cost", "tell me the price", "how expensive is the car"],
    "greeting": ["hello", "good morning", "good evening to you", "hello there"],
    "none": ["how do the seats fold", "what does the lamp mean", "where is the button", "which car has the seats"],
}


def trained() -> Classifier:
    rows = [text for examples in EXAMPLES.values() for text in examples]
    return Classifier.train(EXAMPLES, FakeEmbedder().embed_questions(rows))


def ask(classifier: Classifier, text: str) -> str:
    shares = classifier.probabilities(text, FakeEmbedder().embed_query(text))
    return max(shares, key=lambda label: shares[label])


def test_a_corpus_without_exemplars_has_none(tmp_path: Path) -> None:
    assert exemplar_texts(tmp_path) == {}
    assert Classifier.read(tmp_path) is None


@pytest.mark.parametrize("content", ["- a list", "price: text", b"\xff\xfe", "{broken"])
def test_wrong_exemplars_are_refused_with_their_file(content: str | bytes, tmp_path: Path) -> None:
    write(tmp_path / "exemplars.yaml", content)

    with pytest.raises(BrandAssistantError, match=r"exemplars\.yaml"):
        exemplar_texts(tmp_path)


@pytest.mark.parametrize(
    ("question", "label"),
    [("what is the price of it", "price"), ("good morning there", "greeting"), ("how do the seats move", "none")],
)
def test_a_question_gets_the_label_of_examples_like_it(question: str, label: str) -> None:
    assert ask(trained(), question) == label


def test_probabilities_sum_to_one_and_survive_the_file(tmp_path: Path) -> None:
    classifier = trained()
    classifier.write(tmp_path)
    kept = Classifier.read(tmp_path)
    vector = FakeEmbedder().embed_query("how much")

    before = classifier.probabilities("how much", vector)

    assert kept is not None
    assert sum(before.values()) == pytest.approx(1.0)
    assert kept.probabilities("how much", vector) == pytest.approx(before, abs=0.01)


def test_the_same_examples_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        trained().write(tmp_path / name)

    assert np.array_equal(
        np.load(tmp_path / "one" / Classifier.stored)["weights"], np.load(tmp_path / "two" / Classifier.stored)["weights"]
    )


def test_two_labels_are_told_apart_too() -> None:
    two = {label: EXAMPLES[label] for label in ("price", "none")}
    rows = [text for examples in two.values() for text in examples]
    classifier = Classifier.train(two, FakeEmbedder().embed_questions(rows))

    assert ask(classifier, "tell me the price") == "price"
    assert ask(classifier, "where is the button") == "none"


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04half"])
def test_a_damaged_classifier_is_a_known_error(damage: bytes, tmp_path: Path) -> None:
    write(tmp_path / Classifier.stored, damage)

    with pytest.raises(BrandAssistantError, match="ingest"):
        Classifier.read(tmp_path)


def test_a_snapshot_learns_from_its_exemplars_and_from_what_its_pages_answer(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    write(settings.corpus / "exemplars.yaml", "price: [How much is it?, What does it cost?]\ngreeting: [Good morning]\n")

    report = ingested(settings)

    kept = Classifier.read(SnapshotStore(settings.home).folder(report.snapshot) / RELEASE)
    assert kept is not None
    assert {"price", "greeting"} <= set(kept.labels) <= {"price", "greeting", INNOCENT}


def test_the_vectors_of_exemplars_ship_as_those_of_questions(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    write(folder / "exemplars.yaml", "price: [How much is it?]\n")

    questions, passages = texts(folder)

    assert "How much is it?" in questions
    assert "How much is it?" not in passages
