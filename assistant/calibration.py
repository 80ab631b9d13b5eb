"""From retrieval evidence to the probability that the knowledge answers at all.

A logistic model over the best passage's evidence, fitted on labelled questions (Platt 1999, "Probabilistic outputs for
support vector machines", applied to several scores at once). `python -m evals.fitting` fits it again.
"""

from __future__ import annotations

import math
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError
from knowledge.exemplars import INNOCENT
from knowledge.retrieval import RetrievedChunk
from knowledge.yaml_text import parse


class Calibration(BaseModel):
    """Coefficients by evidence name, the intercept, and the probability from which an answer is given.

    A rule acts on a question that comes under it with at least the probability `rule_from`, an emergency from
    `emergency_from` on; a rule for a hand-over that only its
    words name gives way to an innocent meaning from `innocent_from` on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    coefficients: dict[str, float]
    answer_from: float
    rule_from: float
    emergency_from: float
    innocent_from: float

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Return the calibration in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The calibration in {path} can't be used: {error}. Fit it again with 'python -m evals.fitting'."
            raise ConfigurationError(message) from error

    def probability(self, found: list[RetrievedChunk], labels: dict[str, float]) -> float:
        """Return the probability that the first of `found` answers the question; 0 when nothing was found.

        `labels` are the classifier's probabilities for the question.
        """
        if not found:
            return 0.0
        logit = self.intercept + sum(self.coefficients.get(name, 0.0) * value for name, value in features(found, labels).items())
        return 1 / (1 + math.exp(-logit))


def features(found: list[RetrievedChunk], labels: dict[str, float]) -> dict[str, float]:
    """Return what the model weighs, from the first five passages and the labels of the question.

    Shared words and titles are left out: questions that the pages do not answer share as many of them (a price list of a
    car whose page there is).
    """
    top = found[0].evidence
    first = found[:5]
    return {
        "dense": max(item.evidence.dense for item in first),
        "asked": max(item.evidence.asked for item in first),
        "feature": top.feature,
        "agreement": sum(item.chunk.document_id == found[0].chunk.document_id for item in first) / len(first),
        "held": labels.get(INNOCENT, 1.0),
    }
