"""A home with a small part of the shipped corpus live, and the few cases that it is judged by."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from evals.cases import Case
from evals.gate import Thresholds
from evals.publishing import Ground
from evals.settings import EvalSettings
from evals.suites import read_suite
from knowledge.embedding import Embedder, FakeEmbedder
from knowledge.ingest import ingest
from knowledge.settings import SHIPPED_CORPUS
from knowledge.snapshots import SnapshotStore

PAGES = (
    "tutorial/adaptive-cruise-control", "tutorial/cruise-control", "tutorial/child-seats",
    "brand/brand-comfort-is-the-new-cool", "brand/brand-origins", "comfort/phc-what",
)  # fmt: skip
# Rules by their words and one plain question: what holds with vectors that mean little.
MUST_HOLD = ("x-smoke-fr", "x-smoke-en", "x-crash-en")
SCORED = ("k-acc-on-en", "k-acc-on-fr", "k-cool-en", "k-origins-en")


@dataclass(frozen=True, kw_only=True)
class GateHome:
    """A home, and a corpus of its own to change."""

    settings: EvalSettings
    ground: Ground
    live: str

    @property
    def store(self) -> SnapshotStore:
        return SnapshotStore(self.settings.home)

    @property
    def corpus(self) -> Path:
        return self.settings.corpus

    def copied(self, to: Path) -> GateHome:
        shutil.copytree(self.settings.home, to / "home")
        shutil.copytree(self.settings.corpus, to / "corpus")
        settings = self.settings.model_copy(update={"home": to / "home", "corpus": to / "corpus"})
        return replace(self, settings=settings)


def small_corpus(folder: Path) -> Path:
    shutil.copytree(SHIPPED_CORPUS, folder, ignore=shutil.ignore_patterns("pages", "vectors.npz"))
    for language in ("fr", "en"):
        for page in PAGES:
            path = folder / f"pages/{language}/{page}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(SHIPPED_CORPUS / f"pages/{language}/{page}.md", path)
    return folder


@lru_cache(maxsize=1)
def cases() -> list[Case]:
    chosen = {*MUST_HOLD, *SCORED}
    return [case.model_copy(update={"must_hold": case.id in MUST_HOLD}) for case in read_suite("full") if case.id in chosen]


def gate_home(folder: Path, embedder: Embedder | None = None) -> GateHome:
    settings = EvalSettings(home=folder / "home", corpus=small_corpus(folder / "corpus"))
    shipped = Thresholds.read()
    ground = Ground(
        suite="small",
        cases=cases(),
        thresholds=shipped.model_copy(update={"at_least": {"no_sales_leak": 1.0}, "must_hold_at_least": len(MUST_HOLD)}),
    )
    live = ingest(settings, embedder or FakeEmbedder()).snapshot
    return GateHome(settings=settings, ground=ground, live=live)
