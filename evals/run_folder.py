"""The folder of one evaluation run: what is written while cases are asked, and what others read from it.

    <home>/runs/<run id>/
        run.json        `RunInfo`: what was measured, with what; written first, again when the run ends
        cases.jsonl     the cases as they were asked, one `Case` a line, in the order of asking
        results.jsonl   one `CaseResult` a line, appended as cases end (any order); a torn last line is ignored
        summary.json    `Summary`: figures over all results, written when the run ends
        gate.json       `GateReport` (evals/gate.py), when the run was made for a gate
        comparison.json `Comparison` (evals/comparison.py), when the run was compared with another

Input and output: these models and files. `runner.py` writes them; `comparison.py`, `gate.py` and the report read them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.cases import Case
from knowledge.errors import BrandAssistantError

RUN, CASES, RESULTS, SUMMARY, GATE, COMPARISON = (
    "run.json", "cases.jsonl", "results.jsonl", "summary.json", "gate.json", "comparison.json",
)  # fmt: skip


Kept = TypeVar("Kept", bound=BaseModel)


class RunError(BrandAssistantError):
    """A run folder that can't be written or read: names the folder or file."""


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Failure(_Kept):
    """One thing that was not as expected. `metric` is a name of `evals.metrics.METRICS`; the two others are shown as they are."""

    metric: str
    expected: str
    found: str


class TurnResult(_Kept):
    """One question, its whole answer and what it scored.

    `answer` is the object of `Answer.as_json()`; `expected` the case's expectation. `ranked` holds the page ids that
    retrieval found, best first, for turns that stand alone and name right pages. `scores` maps a metric's name to its value
    (0 to 1; `latency` in milliseconds): a metric that the case asks nothing of is in neither map. `unscored` maps a metric
    that should have been scored and could not be to the reason.
    """

    number: int
    question: str
    expected: dict[str, Any]
    answer: dict[str, Any]
    ranked: tuple[str, ...] = ()
    scores: dict[str, float] = Field(default_factory=dict)
    unscored: dict[str, str] = Field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was other than expected."""
        return not self.failures


class CaseResult(_Kept):
    """One case asked to its end, or to where the assistant crashed. `slices` maps a dimension (language, topic …) to a value."""

    case_id: str
    slices: dict[str, str]
    must_hold: bool = False
    turns: tuple[TurnResult, ...] = ()
    crash: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every turn was as expected."""
        return self.crash is None and all(turn.passed for turn in self.turns)


class Override(_Kept):
    """A release that went live against the gate: shown in every later report."""

    at: datetime
    snapshot: str
    name: str
    reason: str
    causes: tuple[str, ...]


class RunInfo(_Kept):
    """What was measured, and everything needed to measure it again. Secrets in `settings` are masked.

    `prompts` and `rules` map a file of the release (or one rule's name) to its fingerprint; `code` is the fingerprint of the
    program's own modules. `finished` is None while the run is under way or after it was killed.
    """

    id: str
    suite: str
    started: datetime
    finished: datetime | None = None
    snapshot: str
    embedder: str
    composer: str
    cases: int
    case_set: str
    seed: int
    threads: int
    settings: dict[str, Any]
    versions: dict[str, str]
    prompts: dict[str, str]
    rules: dict[str, str]
    code: str
    judge: str | None = None
    overrides: tuple[Override, ...] = ()


class Figure(_Kept):
    """The mean of one metric over the `n` turns that have it; `unscored` more should have had it. `p95` for latency only."""

    mean: float
    n: int
    unscored: int = 0
    p50: float | None = None
    p95: float | None = None


class Summary(_Kept):
    """Figures over a whole run.

    `metrics` is by metric; `slices` by dimension, value, metric; `decisions` counts turns by expected decision (alternatives
    joined with "|"), then by the decision made. `passed`, `failed` and `crashed` count cases.
    """

    cases: int
    turns: int
    passed: int
    failed: int
    crashed: int
    metrics: dict[str, Figure]
    slices: dict[str, dict[str, dict[str, Figure]]]
    decisions: dict[str, dict[str, int]]


class RunFolder:
    """One run on disk. Reading raises `RunError` that names the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, info: RunInfo, cases: list[Case]) -> None:
        """Begin a run. Raises `RunError` when the folder can't be written or holds another run."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if (self.path / RUN).exists():
                message = f"{self.path} already holds a run. Choose another folder, or resume that run."
                raise RunError(message)
            lines = "".join(case.model_dump_json(exclude_defaults=True) + "\n" for case in cases)
            (self.path / CASES).write_text(lines, encoding="utf-8")
            self.write(RUN, info)
        except OSError as error:
            message = f"The run can't be written to {self.path} ({error.strerror}). Name a folder you may write to with --out."
            raise RunError(message) from error

    def write(self, name: str, content: BaseModel) -> None:
        """Replace one of the JSON files, so that a reader sees the old or the new one."""
        temporary = self.path / f".{name}.tmp"
        temporary.write_text(content.model_dump_json(indent=1), encoding="utf-8")
        temporary.replace(self.path / name)

    def append(self, result: CaseResult) -> None:
        """Add a result and flush it to the disk: what is there stays there when the process is killed."""
        with (self.path / RESULTS).open("ab+") as file:
            # A line that a kill tore off is ended first, so that it costs only itself.
            if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")
            file.write(result.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def info(self) -> RunInfo:
        """Return what was measured."""
        return _read(self.path / RUN, RunInfo)

    def summary(self) -> Summary:
        """Return the figures of a finished run."""
        return _read(self.path / SUMMARY, Summary)

    def cases(self) -> list[Case]:
        """Return the cases in the order of asking."""
        return list(_lines(self.path / CASES, Case))

    def results(self) -> list[CaseResult]:
        """Return the results in the order of the cases; torn lines are left out, and of two of one case the later counts."""
        found = {result.case_id: result for result in _lines(self.path / RESULTS, CaseResult, torn=True)}
        return [found[case.id] for case in self.cases() if case.id in found]


def _read(path: Path, kind: type[Kept]) -> Kept:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path} can't be read ({reason}). Is {path.parent} the folder of a run?"
        raise RunError(message) from error


def _lines(path: Path, kind: type[Kept], *, torn: bool = False) -> Iterator[Kept]:
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
        try:
            if line:
                yield kind.model_validate(json.loads(line))
        except ValueError as error:
            if not torn:
                message = f"{path}:{number} can't be read ({error})."
                raise RunError(message) from error
