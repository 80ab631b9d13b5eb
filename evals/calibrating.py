"""`calibrate`: fits the probability that the pages answer a question, and shows what each threshold would cost.

Input: the live snapshot, its example questions and the development halves of the labelled sets. Output: coefficients for
`calibration.yaml`, and for thresholds of the answer and of rules the share of errors of either kind. Nothing is written: a
person decides what goes into the next release. The curve of what came of it stands in every report.

Example questions taught the classifier that is weighed here, so each is judged by one that has not seen it (out-of-fold
predictions, Wolpert 1992, "Stacked generalization"); those of the development halves it has never seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.answer import Decision, Question
from assistant.assistant import Assistant
from assistant.calibration import Calibration, features
from assistant.policy import EMERGENCY, UNHELD
from assistant.release import Release
from evals.content_bench import read_content_questions
from evals.conversations import read_conversations
from evals.questions import SETS, read_questions
from evals.safety_bench import read_safety_questions
from knowledge.classifier import Classifier
from knowledge.embedding import Vectors
from knowledge.exemplars import INNOCENT, SILENT
from knowledge.retrieval import Query

_FOLDS = 5
_FOUND = 12
_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Embed = Callable[[list[str]], Vectors]
Labels = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """One question: the evidence of `assistant.calibration.features`, and whether the pages answer it."""

    evidence: dict[str, float]
    answerable: bool


def out_of_fold(examples: dict[str, list[str]], own: dict[str, list[str]], embed: Embed) -> dict[str, tuple[str, Labels]]:
    """Return, by text of `own`, its label and the probabilities that a classifier gives it which was not taught it.

    `examples` are all texts by label that the release's classifier is taught, `own` those of them that are to be judged.
    """
    vectors = {text: vector for rows in examples.values() for text, vector in zip(rows, embed(rows), strict=True)}
    label_of = {text: label for label, rows in own.items() for text in rows}
    judged: dict[str, tuple[str, Labels]] = {}
    for fold in range(_FOLDS):
        held = [text for text in label_of if _fold(text) == fold]
        taught = {
            label: [text for text in rows if text not in label_of or _fold(text) != fold] for label, rows in examples.items()
        }
        classifier = Classifier.train(taught, np.stack([vectors[text] for rows in taught.values() for text in rows]))
        judged |= {text: (label_of[text], classifier.probabilities(text, vectors[text])) for text in held}
    return judged


def _fold(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % _FOLDS


def weigh(judged: dict[str, tuple[str, Labels]], release: Release, embed: Embed) -> Iterator[Weighed]:
    """Yield the evidence of the examples that no rule binds: innocent ones the pages answer, silent and off-topic ones not."""
    texts = [text for text, (label, _) in judged.items() if label in (INNOCENT, *UNHELD)]
    for text, vector in zip(texts, embed(texts), strict=True):
        label, labels = judged[text]
        query = Query(
            text=text,
            vector=vector,
            languages=("fr", "en"),
            vehicle=release.recognition.find(text),
            features=release.lexicon.features_in(text),
            roles=release.lexicon.roles_in(text),
        )
        found = release.retriever.retrieve(query, _FOUND)
        if found:
            evidence = features(found, labels)
            if label == SILENT:
                evidence["silent"] = release.index.silence(vector, but_itself=True)
            yield Weighed(evidence=evidence, answerable=label == INNOCENT)


def weigh_development(assistant: Assistant) -> Iterator[Weighed]:
    """Yield the evidence of the development questions that came to be weighed; whole conversations are asked."""
    for conversation in read_conversations(SETS / "conversations.jsonl"):
        if conversation.half != "development" or conversation.audience != "customer":
            continue
        number = None
        for turn in conversation.turns:
            answer = assistant.reply(Question(text=turn.question, conversation_id=number, market=conversation.market))
            number = answer.conversation_id
            wanted = set(turn.expect.decision)
            answerable = bool({Decision.ANSWER, Decision.CLARIFY} & wanted)
            if answer.evidence and (answerable or Decision.DECLINE in wanted):
                yield Weighed(evidence=answer.evidence, answerable=answerable)
    texts = [one.question for one in read_content_questions(SETS / "content.jsonl") if one.half == "development"]
    texts += [one.question for one in read_questions(SETS / "retrieval.jsonl") if one.half == "development"]
    safety = [one for one in read_safety_questions(SETS / "safety.jsonl") if one.half == "development"]
    texts += [one.question for one in safety if one.label == "benign"]
    for text in texts:
        if evidence := assistant.reply(Question(text=text)).evidence:
            yield Weighed(evidence=evidence, answerable=True)


def fit(weighed: list[Weighed]) -> dict[str, float]:
    """Return intercept and coefficients of a logistic model that tells answerable questions from the others.

    Both kinds weigh the same, however many there are; L2-regularized, so that evidence that always agrees shares its weight.
    """
    names = list(weighed[0].evidence)
    matrix = np.array([[one.evidence[name] for name in names] for one in weighed])
    model = LogisticRegression(C=10.0, class_weight="balanced").fit(matrix, [one.answerable for one in weighed])
    fitted = {name: round(float(value), 3) for name, value in zip(names, model.coef_[0], strict=True)}
    return {"intercept": round(float(model.intercept_[0]), 3), **fitted}


def curve(weighed: list[Weighed], coefficients: dict[str, float], present: Calibration) -> list[dict[str, float]]:
    """Return by `answer_from` the share of answerable questions that would be declined, and of the others answered."""
    slopes = {name: value for name, value in coefficients.items() if name != "intercept"}
    fitted = present.model_copy(update={"intercept": coefficients["intercept"], "coefficients": slopes})
    probabilities = np.array([fitted.probability(one.evidence) for one in weighed])
    answerable = np.array([one.answerable for one in weighed])
    return [
        {
            "answer_from": threshold,
            "answerable_declined": round(float((probabilities[answerable] < threshold).mean()), 4),
            "others_answered": round(float((probabilities[~answerable] >= threshold).mean()), 4),
        }
        for threshold in _THRESHOLDS
    ]


def rule_curves(judged: dict[str, tuple[str, Labels]]) -> dict[str, list[dict[str, float]]]:
    """Return by threshold how many examples a rule would catch, and how many harmless ones it would turn away."""
    harmless = [labels for label, labels in judged.values() if label in (INNOCENT, *UNHELD)]
    danger = [labels for label, labels in judged.values() if label == EMERGENCY]
    ruled = [(label, labels) for label, labels in judged.values() if label not in (EMERGENCY, INNOCENT, *UNHELD)]

    def share(hits: list[bool]) -> float:
        return round(sum(hits) / len(hits), 4) if hits else 0.0

    def binds(labels: Labels, threshold: float) -> str | None:
        likely = max(labels, key=lambda name: labels[name])
        return likely if likely not in (INNOCENT, *UNHELD) and labels[likely] >= threshold else None

    return {
        "emergency_from": [
            {
                "threshold": threshold,
                "caught": share([labels.get(EMERGENCY, 0.0) >= threshold for labels in danger]),
                "harmless": share([labels.get(EMERGENCY, 0.0) >= threshold for labels in harmless]),
            }
            for threshold in _THRESHOLDS
        ],
        "rule_from": [
            {
                "threshold": threshold,
                "caught": share([binds(labels, threshold) == label for label, labels in ruled]),
                "harmless": share([binds(labels, threshold) is not None for labels in harmless]),
            }
            for threshold in _THRESHOLDS
        ],
    }


def calibrate(assistant: Assistant, examples: dict[str, list[str]], own: dict[str, list[str]], embed: Embed) -> dict[str, Any]:
    """Return the coefficients, the counts they rest on, and the curves."""
    judged = out_of_fold(examples, own, embed)
    with assistant.release() as release:
        from_examples = list(weigh(judged, release, embed))
        present = release.calibration
    development = list(weigh_development(assistant))
    weighed = [*from_examples, *development]
    coefficients = fit(weighed)
    return {
        "questions": len(weighed),
        "answerable": sum(one.answerable for one in weighed),
        "coefficients": coefficients,
        "all": curve(weighed, coefficients, present),
        "development": curve(development, coefficients, present),
        "rules": rule_curves(judged),
    }
