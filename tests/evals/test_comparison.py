"""Comparing runs: pairs, intervals, one word each; the same version again is noise, a real loss is not."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from evals.cases import Case
from evals.comparison import compare, compare_results, sign_flip_p
from evals.run_folder import CaseResult, RunFolder, RunInfo, TurnResult

SLICES = {"kind": "customer", "language": "fr", "audience": "customer", "market": "FR", "topic": "seats"}


def result(number: int, **scores: float) -> CaseResult:
    turn = TurnResult(number=1, question="?", expected={}, answer={"decision": "answer"}, scores=scores)
    return CaseResult(case_id=f"c{number}", slices=SLICES | {"language": ("fr", "en")[number % 2]}, turns=(turn,))


def run_of(share_right: float, *, seed: int, count: int = 300) -> list[CaseResult]:
    chance = random.Random(seed)  # noqa: S311  scores, no secret
    return [result(number, decision=float(chance.random() < share_right), mrr=chance.random()) for number in range(count)]


def word(before: list[CaseResult], after: list[CaseResult], metric: str = "decision") -> str:
    row = compare_results(before, after, names=("a", "b"), seed=1).row(metric)
    assert row is not None
    return row.verdict


def test_the_same_results_again_are_noise_without_a_flip() -> None:
    once = run_of(0.8, seed=1)

    comparison = compare_results(once, once, names=("a", "b"), seed=1)

    assert comparison.verdict == "noise"
    assert {row.verdict for row in comparison.rows} == {"noise"}
    assert (comparison.flips_to_worse, comparison.flips_to_better) == ((), ())


@pytest.mark.parametrize("repeats", [4, pytest.param(20, marks=pytest.mark.campaign)])
def test_repeated_runs_of_a_version_that_answers_by_chance_are_noise(repeats: int) -> None:
    first = run_of(0.8, seed=0)

    words = {
        row.verdict
        for seed in range(1, repeats + 1)
        for row in compare_results(first, run_of(0.8, seed=seed), names=("a", "b"), seed=seed).rows
    }

    assert words == {"noise"}


def test_a_real_loss_is_worse_and_the_way_back_is_better() -> None:
    good, bad = run_of(0.9, seed=1), run_of(0.6, seed=2)

    assert (word(good, bad), word(bad, good)) == ("worse", "better")


def test_a_loss_in_one_slice_is_told_for_that_slice() -> None:
    good = [result(number, decision=1.0) for number in range(100)]
    bad = [result(number, decision=float(number % 2)) for number in range(100)]

    rows = {
        row.value: row.verdict for row in compare_results(good, bad, names=("a", "b"), seed=1).rows if row.dimension == "language"
    }

    assert rows == {"fr": "worse", "en": "noise"}


def test_flips_are_listed_both_ways() -> None:
    before = [result(1, decision=1.0), result(2, decision=0.0)]
    after = [result(1, decision=0.0), result(2, decision=1.0)]

    comparison = compare_results(before, after, names=("a", "b"), seed=1)

    assert [flip.case_id for flip in comparison.flips_to_worse] == ["c1"]
    assert [flip.case_id for flip in comparison.flips_to_better] == ["c2"]


def test_the_interval_is_the_same_for_the_same_seed_and_holds_the_difference() -> None:
    good, bad = run_of(0.9, seed=1), run_of(0.6, seed=2)

    rows = [compare_results(good, bad, names=("a", "b"), seed=5).row("decision") for _ in range(2)]

    assert rows[0] == rows[1]
    assert rows[0] is not None
    assert rows[0].low < rows[0].after - rows[0].before < rows[0].high < 0


def test_a_metric_that_one_run_could_not_score_is_left_out_and_not_taken_for_zero() -> None:
    comparison = compare_results([result(1, judge_grounding=0.9)], [result(1, decision=1.0)], names=("a", "b"), seed=1)

    assert comparison.rows == ()


def test_the_chance_of_a_difference_is_exact_for_few_changes_and_close_to_it_for_many() -> None:
    assert sign_flip_p(np.array([1.0, 1.0, 1.0, 0.0])) == 0.25
    assert sign_flip_p(np.array([0.0])) == 1.0
    assert sign_flip_p(np.array([-1.0] * 20 + [1.0] * 2)) < 0.001


def test_runs_of_different_cases_are_compared_on_what_they_share_and_it_is_said(tmp_path: Path) -> None:
    folders = [folder_with(tmp_path / "a", [1, 2, 3]), folder_with(tmp_path / "b", [2, 3, 4])]

    comparison = compare(*folders)

    assert comparison.shared == 2
    assert "compared on the 2 cases they share" in comparison.notes[0]


def folder_with(path: Path, numbers: list[int]) -> RunFolder:
    now = datetime.now(UTC)
    info = RunInfo(
        id=path.name, suite="full", started=now, snapshot="s", embedder="e", composer="extractive", cases=len(numbers),
        case_set="x", seed=1, threads=1, settings={}, versions={}, prompts={}, rules={}, code="c",
    )  # fmt: skip
    folder = RunFolder(path)
    expect = {"expect": {"decision": ["answer"]}}
    folder.create(
        info,
        [
            Case.model_validate({"id": f"c{n}", "kind": "customer", "turns": [{"question": f"Number {n}?", **expect}]})
            for n in numbers
        ],
    )
    for number in numbers:
        folder.append(result(number, decision=1.0))
    return folder
