"""What a report says, read from `texts/<language>.yaml` and validated: a missing text stops a report, not a reader."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.errors import ConfigurationError

ReportLanguage = Literal["fr", "en"]
_FOLDER = Path(__file__).parent / "texts"


class Texts(BaseModel):
    """Every text of a report in one language; braces hold the figures of a sentence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    good: str
    mixed: str
    bad: str
    refused: str
    unfinished: str
    counts: str
    broken_promises: str
    crashed: str
    compared_better: str
    compared_worse: str
    compared_noise: str
    nothing_compared: str
    weakest: str
    next_step: str
    nothing_next: str
    override: str
    causes: str
    notes: str
    figures: str
    metric: str
    value: str
    turns: str
    unscored: str
    meaning: str
    trend: str
    trend_caption: str
    single_run: str
    decision_matrix: str
    decision_caption: str
    quality: str
    quality_caption: str
    latency: str
    latency_caption: str
    calibration: str
    calibration_caption: str
    others: str
    expected: str
    made: str
    found: str
    median: str
    p95: str
    milliseconds: str
    answers: str
    perfect: str
    measured: str
    confidence: str
    answerable: str
    changes: str
    before: str
    after: str
    interval: str
    verdict: str
    verdicts: dict[str, str]
    flips_worse: str
    flips_better: str
    failures: str
    no_failures: str
    search: str
    all: str
    reason: str
    language: str
    kind: str
    topic: str
    shown: str
    question: str
    answer: str
    why: str
    sources: str
    no_sources: str
    status: str
    turn: str
    passed: str
    must_hold: str
    crash: str
    how: str
    yes: str
    decisions: dict[str, str]
    kinds: dict[str, str]
    metrics: dict[str, str]
    meanings: dict[str, str]

    @classmethod
    def read(cls, language: ReportLanguage) -> Texts:
        """Return the texts of a language. Raises `ConfigurationError`."""
        path = _FOLDER / f"{language}.yaml"
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, ValidationError, yaml.YAMLError) as error:
            message = f"A report can't be written in {language!r}: {path} can't be used ({error}). Choose fr or en."
            raise ConfigurationError(message) from error


def report_language(name: str) -> ReportLanguage:
    """Return `name` as a language of reports. Raises `ConfigurationError` when there is no report in it."""
    languages: dict[str, ReportLanguage] = {"fr": "fr", "en": "en"}
    if name in languages:
        return languages[name]
    message = f"There is no report in {name!r}. Choose fr or en."
    raise ConfigurationError(message)
