"""`kill -9` at random moments of an ingest: what serves does not change, and the next run completes."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest

from tests.knowledge.child import child
from tests.knowledge.conftest import Releases
from tests.knowledge.factories import answers, ingested, page, section, write


def change_corpus(releases: Releases, number: int) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section(f"Foam number {number}.")))
    write(releases.settings.corpus / "rules.yaml", f"- rule {number}\n")


def usual_length(releases: Releases) -> float:
    change_corpus(releases, 0)
    start = time.monotonic()
    with child("ingest", releases.settings) as process:
        ready = time.monotonic()
        process.communicate()
    assert ready > start
    return time.monotonic() - ready


@pytest.mark.parametrize(
    "kills", [3, pytest.param(100, marks=[pytest.mark.campaign, pytest.mark.timeout(3_600)])], ids=["three", "a hundred"]
)
def test_an_ingest_killed_at_any_moment_changes_nothing_that_serves(releases: Releases, kills: int) -> None:
    length = usual_length(releases)
    moments = random.Random(kills)  # noqa: S311  moments, no secret
    completed = 0

    for number in range(1, kills + 1):
        live, before = releases.store.live_id(), answers(releases.settings)
        change_corpus(releases, number)
        with child("ingest", releases.settings) as process:
            time.sleep(moments.uniform(0.0, length))
            process.kill()
            process.wait()

        if releases.store.live_id() == live:
            assert answers(releases.settings) == before
        else:  # the pointer was swapped before the kill: then the whole new release serves
            completed += 1
            assert f"Foam number {number}." in "".join(answers(releases.settings))
        report = ingested(releases.settings)
        assert releases.store.live_id() == report.snapshot != live
        assert not list(releases.store.root.glob(".building-*"))

    assert completed < kills
    print(
        f"\n{datetime.now(UTC):%Y-%m-%d}: N = {kills} kills within {length:.2f} s, {completed} after the swap, 0 changed answers"
    )
