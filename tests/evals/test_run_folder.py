"""The run folder: what a kill leaves behind, and what can't be written or read."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.run_folder import RunError, RunFolder
from tests.evals.test_comparison import folder_with, result


def test_results_come_back_in_the_order_of_the_cases(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "run", [3, 1, 2])

    assert [found.case_id for found in folder.results()] == ["c3", "c1", "c2"]


def test_a_line_torn_by_a_kill_costs_only_itself(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "run", [1, 2])
    path = folder.path / "results.jsonl"
    path.write_bytes(path.read_bytes()[:-20])

    torn = [found.case_id for found in folder.results()]
    folder.append(result(2, decision=1.0))

    assert torn == ["c1"]
    assert [found.case_id for found in folder.results()] == ["c1", "c2"]


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "run", [1])

    with pytest.raises(RunError, match="already holds a run"):
        folder.create(folder.info(), folder.cases())


def test_a_folder_that_can_not_be_written_is_named_with_the_cure(tmp_path: Path) -> None:
    info = folder_with(tmp_path / "run", [1]).info()
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match=r"file.*--out"):
        RunFolder(tmp_path / "file" / "run").create(info, [])


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=str(tmp_path)):
        RunFolder(tmp_path).info()
