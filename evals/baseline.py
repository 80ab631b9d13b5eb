"""What a candidate is compared with: the scores and the outline of an earlier release.

Three origins: the live snapshot, scored before or now; a run folder that somebody names; and the scores that ship with the
package, which CI compares with. `python -m evals.baseline` writes the shipped ones again, from the full suite.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.cases import Case
from evals.comparison import Comparison, compare_results
from evals.outline import Outline, outline_of
from evals.questions import SETS
from evals.run_folder import CaseResult, RunError, RunFolder
from knowledge.errors import BrandAssistantError
from knowledge.snapshots import SnapshotStore

SHIPPED = SETS / "baseline.json"


class Baseline(BaseModel):
    """Scores by case, with a digest of each case as it was asked; and what the snapshot said, where that is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    snapshot: str
    created: datetime
    code: str
    digests: dict[str, str]
    results: tuple[CaseResult, ...]
    outline: Outline | None

    @classmethod
    def of_run(cls, folder: RunFolder, outline: Outline | None) -> Baseline:
        """Return the baseline that a finished run makes. Raises `RunError`."""
        info = folder.info()
        return cls(
            name=info.id,
            snapshot=info.snapshot,
            created=info.started,
            code=info.code,
            digests={case.id: digest(case) for case in folder.cases()},
            results=tuple(_scores_only(result) for result in folder.results()),
            outline=outline,
        )

    @classmethod
    def unscored(cls, snapshot: str, outline: Outline) -> Baseline:
        """Return a baseline of content alone."""
        created = datetime.now(UTC)
        return cls(name=snapshot, snapshot=snapshot, created=created, code="", digests={}, results=(), outline=outline)

    @classmethod
    def shipped(cls) -> Baseline:
        """Return the scores that ship with the package. Raises `RunError`."""
        try:
            return cls.model_validate_json(SHIPPED.read_bytes())
        except (OSError, ValidationError) as error:
            message = f"The shipped scores {SHIPPED} can't be read. Write them again with 'python -m evals.baseline'."
            raise RunError(message) from error

    def compared_with(self, folder: RunFolder) -> Comparison:
        """Return what changed from this baseline to a run, on the cases that both asked and that are the same."""
        now = {case.id: digest(case) for case in folder.cases()}
        same = {name for name, mark in now.items() if self.digests.get(name) == mark}
        notes: tuple[str, ...] = ()
        if len(same) < len(now):
            notes = (f"The baseline lacks {len(now) - len(same)} of {len(now)} cases, or has them otherwise; they are left out.",)
        return compare_results(
            [result for result in self.results if result.case_id in same],
            [result for result in folder.results() if result.case_id in same],
            names=(self.name, folder.info().id),
            seed=folder.info().seed,
            notes=notes,
        )


def digest(case: Case) -> str:
    """Return ten hexadecimal digits that change with what a case asks or expects."""
    body = case.model_dump_json(exclude={"id", "tags", "must_hold", "source"})
    return hashlib.sha256(body.encode()).hexdigest()[:10]


def _scores_only(result: CaseResult) -> CaseResult:
    """Return a result without its transcript; how long an answer took on one machine says nothing on another."""
    turns = tuple(
        turn.model_copy(
            update={
                "question": "", "expected": {}, "answer": {}, "ranked": (), "failures": (),
                "scores": {name: round(value, 4) for name, value in turn.scores.items() if name != "latency"},
            }
        )
        for turn in result.turns
    )  # fmt: skip
    return result.model_copy(update={"turns": turns})


def ship() -> Baseline:
    """Score the shipped corpus by the full suite, in a home of its own, and write the result beside the cases."""
    from evals.runner import Plan, run
    from evals.settings import EvalSettings
    from evals.suites import read_suite
    from knowledge.embedding import make_embedder
    from knowledge.ingest import ingest

    with tempfile.TemporaryDirectory() as scratch:
        settings = EvalSettings(home=Path(scratch))
        embedder = make_embedder(settings)
        snapshot = ingest(settings, embedder).snapshot
        folder = run(settings, embedder, Plan(suite="full", cases=read_suite("full"), snapshot=snapshot))
        baseline = Baseline.of_run(folder, outline_of(SnapshotStore(settings.home), snapshot))
    SHIPPED.write_text(baseline.model_dump_json(exclude_defaults=True) + "\n", encoding="utf-8")
    return baseline


if __name__ == "__main__":
    try:
        written = ship()
        print(f"{SHIPPED.name}: {len(written.results)} cases of snapshot {written.snapshot}.")
    except BrandAssistantError as error:
        sys.exit(str(error))
