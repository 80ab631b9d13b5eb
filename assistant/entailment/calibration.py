"""From evidence to probabilities: that a source supports a claim, contradicts it, or is retold by it.

Logistic models whose coefficients are data (`corpus/entailment.yaml`), fitted by `python -m evals.entailment_fitting`.
"""

from __future__ import annotations

import math
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError


class Logistic(BaseModel):
    """Intercept and coefficients by evidence name; evidence without a coefficient does not count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float
    coefficients: dict[str, float]

    def probability(self, evidence: dict[str, float]) -> float:
        """Return the probability for this evidence."""
        logit = self.intercept + sum(weight * evidence.get(name, 0.0) for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


class EntailmentCalibration(BaseModel):
    """The models, the probabilities from which a claim counts as supported and so on, and word translations."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    support: Logistic
    contradiction: Logistic
    retelling: Logistic
    supported_from: float
    supported_across_from: float  # where claim and source are in two languages, and words say less
    contradicted_from: float
    retold_from: float
    otherwise_worded_from: float  # log-odds of following, from which negations, opposites and quantifiers may differ
    translations: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> EntailmentCalibration:
        """Return the calibration in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The calibration in {path} can't be used: {error}. Fit it again with 'python -m evals.entailment_fitting'."
            raise ConfigurationError(message) from error
