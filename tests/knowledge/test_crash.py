"""`kill -9` at random moments of an ingest: what serves does not change, and the next run completes."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest

from tests.knowledge.child import child, start
from tests.knowledge.conftest import Releases
from tests.knowledge.factories import answers, page, published, section, write


def change_corpus(releases: Releases, number: int) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section(f"Foam number {number}.")))
    write(releases.settings.corpus / "rules.yaml", f"- rule {number}\n")


def usual_length(releases: Releases) -> float:
    change_corpus(releases, 0)
    with child("ingest", releases.settings) as process:
        start(process)
        begun = time.monotonic()
        process.stdout.readline()
        return time.monotonic() - begun


def killed_after(seconds: float, releases: Releases) -> bool:
    """Say whether an ingest was still under way when it was killed."""
    with child("ingest", releases.settings) as process:
        start(process)
        time.sleep(seconds)
        process.kill()
        return not process.stdout.read()


@pytest.mark.parametrize(
    "kills", [3, pytest.param(100, marks=[pytest.mark.campaign, pytest.mark.timeout(3_600)])], ids=["three", "a hundred"]
)
def test_an_ingest_killed_at_any_moment_changes_nothing_that_serves(releases: Releases, kills: int) -> None:
    length = usual_length(releases)
    moments = random.Random(kills)  # noqa: S311  moments, no secret
    killed = number = 0

    while killed < kills:
        number += 1
        live, before = releases.store.live_id(), answers(releases.settings)
        change_corpus(releases, number)
        moment = moments.uniform(0.0, length)
        if killed_after(moment, releases):
            killed += 1
        else:  # this machine was quicker this time: aim earlier
            length = moment

        assert (releases.store.live_id(), answers(releases.settings)) == (live, before)
        published(releases.settings)
        assert f"Foam number {number}." in "".join(answers(releases.settings))
        assert not list(releases.store.root.glob(".building-*"))

    told = f"{killed} kills within {length:.2f} s of an ingest, {number - killed} came too late"
    print(f"\n{datetime.now(UTC):%Y-%m-%d}: N = {told}, 0 changed answers")
