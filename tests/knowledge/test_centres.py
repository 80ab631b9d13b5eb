"""What is taken off vectors: means, and what only tells one language from another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.centres import Centres
from knowledge.errors import SnapshotError

DIMENSIONS, QUESTIONS = 64, 300


def _spoken(meanings: np.ndarray, accent: np.ndarray) -> np.ndarray:
    vectors = meanings + accent
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def accents() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(2, DIMENSIONS)) * 2


@pytest.fixture(scope="module")
def centres(accents: np.ndarray) -> Centres:
    chance = np.random.default_rng(1)
    questions = np.concatenate([_spoken(chance.normal(size=(QUESTIONS, DIMENSIONS)), accent) for accent in accents])
    passages = _spoken(chance.normal(size=(QUESTIONS, DIMENSIONS)), accents[0])
    return Centres.of(questions, passages, ["fr"] * QUESTIONS + ["pt"] * QUESTIONS)


def test_questions_of_two_languages_that_mean_the_same_are_nearer_than_those_of_one_that_do_not(
    centres: Centres, accents: np.ndarray
) -> None:
    meanings = np.random.default_rng(2).normal(size=(20, DIMENSIONS))
    raw_french, raw_portuguese = (_spoken(meanings, accent) for accent in accents)
    assert (np.argmax(raw_french @ np.concatenate([raw_portuguese, raw_french[::-1]]).T, axis=1) >= len(meanings)).all()

    french, portuguese = centres.known_question(raw_french), centres.known_question(raw_portuguese)

    others = french @ french.T - 2 * np.eye(len(meanings))
    assert (np.sum(french * portuguese, axis=1) > others.max(axis=1)).all()


def test_what_is_left_of_a_question_tells_its_length(centres: Centres, accents: np.ndarray) -> None:
    question = centres.question(_spoken(np.random.default_rng(4).normal(size=(1, DIMENSIONS)), accents[1])[0])

    left = question - (question @ centres.shared.T) @ centres.shared

    assert centres.share_compared(question) == pytest.approx(float(np.linalg.norm(left)), abs=1e-5)
    assert 0 < centres.share_compared(question) < 1


def test_of_few_questions_nothing_is_taken_off() -> None:
    few = np.eye(4, dtype=np.float32)

    centres = Centres.of(few, few, ["fr", "en", "fr", "en"])

    assert np.allclose(centres.known_question(few), few)
    assert np.allclose(centres.passage(few), few)


def test_centres_come_back_as_they_were_written(centres: Centres, tmp_path: Path) -> None:
    centres.write(tmp_path)

    read = Centres.read(tmp_path)

    assert all(np.array_equal(getattr(read, name), getattr(centres, name)) for name in ("questions", "passages", "shared"))


def test_centres_of_an_older_kind_are_refused_with_the_cure(tmp_path: Path) -> None:
    with (tmp_path / "centres.npz").open("wb") as file:
        np.savez(file, questions=np.zeros(1), passages=np.zeros(1))

    with pytest.raises(SnapshotError, match="brand-assistant ingest"):
        Centres.read(tmp_path)
