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
from knowledge.retrieval import RetrievedChunk


class Calibration(BaseModel):
    """Coefficients by evidence name, the intercept, and the probability from which an answer is given.

    A rule acts on a question whose cosine with one of its examples is at least `rule_near_from`, if no innocent example
    comes within `rule_nearer_by` of that.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    coefficients: dict[str, float]
    answer_from: float
    rule_near_from: float
    rule_nearer_by: float

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Return the calibration in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The calibration in {path} can't be used: {error}. Fit it again with 'python -m evals.fitting'."
            raise ConfigurationError(message) from error

    def probability(self, found: list[RetrievedChunk]) -> float:
        """Return the probability that the first of `found` answers the question; 0 when nothing was found."""
        if not found:
            return 0.0
        logit = self.intercept + sum(self.coefficients.get(name, 0.0) * value for name, value in features(found).items())
        return 1 / (1 + math.exp(-logit))


def features(found: list[RetrievedChunk]) -> dict[str, float]:
    """Return what the model weighs, from the first five passages.

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
    }
