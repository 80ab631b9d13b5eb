"""Made reviews for measuring large exports."""

from __future__ import annotations

import csv

from assistant.settings import Settings
from evals.demand.scale_bench import bench_reviews, write_reviews


def test_made_reviews_are_the_same_each_time_and_all_different(tmp_path):
    for name in ("one.csv", "two.csv"):
        write_reviews(tmp_path / name, 200)

    with (tmp_path / "one.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert len({row["text"] for row in rows}) == len(rows) == 200
    assert {row["language"] for row in rows} == {"fr", "en"}


def test_what_is_measured_is_a_whole_report_and_leaves_nothing_behind(tmp_path):
    settings = Settings.read().model_copy(update={"home": tmp_path / "home"})
    steps: set[str] = set()

    result = bench_reviews(12, settings, lambda step, _done, _of: steps.add(step))

    assert result["received = new + duplicates + empty"] == "12 = 12 + 0 + 0"
    assert result["read with vectors"] > 0
    assert {"import", "ask"} <= steps
    assert not (tmp_path / "home").exists()
