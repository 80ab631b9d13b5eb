"""From retrieval evidence to the probability that the knowledge answers at all.

A logistic model over the best passage's evidence, fitted on labelled questions (Platt 1999, "Probabilistic outputs for
support vector machines", applied to several scores at once). `brand-assistant calibrate` fits it again.
"""

from __future__ import annotations

import math
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError
from knowledge.exemplars import INNOCENT, OFF_TOPIC, SILENT
from knowledge.retrieval import RetrievedChunk
from knowledge.yaml_text import parse

_LEAST = 1e-3  # probability below which a label counts as none


class Calibration(BaseModel):
    """Coefficients by evidence name, the intercept, and the probability from which an answer is given.

    A seller, who is helped by what comes near, gets one from `seller_from` on.

    A rule acts on a question that comes under it with at least the probability `rule_from`, an emergency from
    `emergency_from` on, a follow-up at least with `follow_up_from`; a rule for a hand-over that only its
    words name gives way to an innocent meaning from `innocent_from` on, one that none names to what is harmless with at least
    `harmless_from` and as near as `asked_from` to a question that a page is known to answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    coefficients: dict[str, float]
    answer_from: float
    seller_from: float
    rule_from: float
    emergency_from: float
    follow_up_from: float
    innocent_from: float
    asked_from: float
    harmless_from: float

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Return the calibration in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The calibration in {path} can't be used: {error}. Fit it again with 'brand-assistant calibrate'."
            raise ConfigurationError(message) from error

    def probability(self, evidence: dict[str, float]) -> float:
        """Return the probability that the pages answer a question with this evidence (`features`); 0 where there is none."""
        if not evidence:
            return 0.0
        logit = self.intercept + sum(self.coefficients.get(name, 0.0) * value for name, value in evidence.items())
        return 1 / (1 + math.exp(-logit))


def features(found: list[RetrievedChunk], labels: dict[str, float]) -> dict[str, float]:
    """Return what the model weighs, from the first five passages and the labels of the question.

    dense: the nearest passage; words: the largest share of the question's words in a passage; feature: whether a feature of
    the first page is named; known: how much likelier the question is one of those that pages answer than one of
    those on which they are silent, as a logarithm; asked, asked_here, topic: nearness to what pages and sections are known to
    answer; silent: nearness to what none is known to answer.
    """
    first = [item.evidence for item in found[:5]]
    unknown = labels.get(SILENT, 0.0) + labels.get(OFF_TOPIC, 0.0)
    return {
        "dense": max(evidence.dense for evidence in first),
        "words": max(evidence.words for evidence in first),
        "feature": first[0].feature,
        "known": math.log((labels.get(INNOCENT, 1.0) + _LEAST) / (unknown + _LEAST)),
        "asked": max(evidence.asked for evidence in first),
        "asked_here": max(evidence.asked_here for evidence in first),
        "topic": max(evidence.topic for evidence in first),
        "silent": first[0].silent,
    }
