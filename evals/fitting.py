"""Fits what is learnt from labelled questions: the retrieval weights and the calibration. Development halves only.

`python -m evals.fitting weights` and `python -m evals.fitting calibration` print the YAML of the release files; nothing is
written, so that a person decides what goes into the next release.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.answer import Decision
from assistant.calibration import features
from assistant.release import Release
from assistant.settings import Settings
from evals.conversations import LabelledConversation, read_conversations
from evals.questions import SETS, LabelledQuestion, read_questions
from knowledge.embedding import Embedder, make_embedder
from knowledge.retrieval import Evidence, Query, RetrievedChunk, Weights
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import SnapshotStore

_ALL = 5_000
_STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0)
_ROUNDS = 4


@dataclass(frozen=True, kw_only=True)
class _Candidates:
    relevant: set[str]
    pages: list[str]
    evidence: list[Evidence]


def fit_weights(questions: list[LabelledQuestion], release: Release, embedder: Embedder) -> Weights:
    """Return the weights that put a right page first most often, by coordinate ascent from the present ones.

    The objective is the mean reciprocal rank of the first right page plus success at 1; `dense` stays 1, since only
    ratios matter, and `role` keeps its weight, since page labels say nothing about sections.
    """
    found = [_candidates(question, release, embedder) for question in questions]
    best = release.retriever.weights
    score = _objective(best, found)
    for _ in range(_ROUNDS):
        for name in ("page", "words", "asked", "feature", "title"):
            for value in _STEPS:
                trial = best.model_copy(update={name: value})
                reached = _objective(trial, found)
                if reached > score + 1e-9:
                    best, score = trial, reached
    return best


def _candidates(question: LabelledQuestion, release: Release, embedder: Embedder) -> _Candidates:
    retrieved = _retrieve(question.question, release, embedder, _ALL)
    return _Candidates(
        relevant=set(question.relevant),
        pages=[item.chunk.document_id for item in retrieved],
        evidence=[item.evidence for item in retrieved],
    )


def _retrieve(text: str, release: Release, embedder: Embedder, k: int) -> list[RetrievedChunk]:
    query = Query(
        text=text,
        vector=embedder.embed_query(text),
        languages=("fr", "en"),
        features=release.lexicon.features_in(text),
        roles=release.lexicon.roles_in(text),
    )
    return release.retriever.retrieve(query, k)


def _objective(weights: Weights, found: list[_Candidates]) -> float:
    total = 0.0
    for candidates in found:
        order = sorted(range(len(candidates.pages)), key=lambda place: -weights.score(candidates.evidence[place]))
        pages = list(dict.fromkeys(candidates.pages[place] for place in order))
        ranks = [rank for rank, page in enumerate(pages, start=1) if page in candidates.relevant]
        total += (1 / ranks[0] + (ranks[0] == 1)) if ranks else 0.0
    return total / len(found)


def fit_calibration(answerable: list[list[RetrievedChunk]], silent: list[list[RetrievedChunk]]) -> dict[str, float]:
    """Return intercept and coefficients of a logistic model that tells answerable questions from the others.

    Both kinds weigh the same, however many there are of each; L2-regularized (scikit-learn's default), so that evidence
    that always agrees shares its weight.
    """
    rows = [features(found) for found in (*answerable, *silent)]
    names = list(rows[0])
    matrix = np.array([[row[name] for name in names] for row in rows])
    labels = np.array([1] * len(answerable) + [0] * len(silent))
    model = LogisticRegression(class_weight="balanced", C=10.0).fit(matrix, labels)
    fitted = {name: float(value) for name, value in zip(names, model.coef_[0], strict=True)}
    return {"intercept": float(model.intercept_[0]), **fitted}


def main(what: str) -> None:
    """Print the fitted weights or calibration for the live snapshot."""
    settings = Settings.read()
    embedder = make_embedder(settings)
    live = LiveSnapshot(SnapshotStore(settings.home), "customer")
    questions = [question for question in read_questions(SETS / "retrieval.jsonl") if question.half == "development"]
    with live.lease() as snapshot:
        release = Release.read(snapshot)
        if what == "weights":
            for name, value in fit_weights(questions, release, embedder).model_dump().items():
                print(f"{name}: {value}")
        else:
            silent = _silent_questions(read_conversations(SETS / "conversations.jsonl"))
            fitted = fit_calibration(
                [_retrieve(question.question, release, embedder, 12) for question in questions],
                [_retrieve(text, release, embedder, 12) for text in silent],
            )
            print(json.dumps({name: round(value, 3) for name, value in fitted.items()}))
    live.close()


def _silent_questions(conversations: list[LabelledConversation]) -> list[str]:
    """Return the development questions that open a conversation and that the knowledge does not answer."""
    return [
        conversation.turns[0].question
        for conversation in conversations
        if conversation.half == "development"
        and not {Decision.ANSWER, Decision.CLARIFY} & set(conversation.turns[0].expect.decision)
    ]


if __name__ == "__main__":
    main(sys.argv[1])
