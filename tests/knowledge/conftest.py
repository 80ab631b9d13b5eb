"""Fixtures of the knowledge: two releases built once a session, a private copy of them for each test."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.settings import KnowledgeSettings
from knowledge.snapshots import SnapshotStore
from tests.knowledge.factories import release_with, settings_for

OLD_TEXT, NEW_TEXT = "The old foam of the seats is soft.", "The new foam of the seats is thick."


@dataclass(frozen=True, kw_only=True)
class Releases:
    """A home with two snapshots: `old` was live before `new`, which is live."""

    settings: KnowledgeSettings
    old: str
    new: str

    @property
    def store(self) -> SnapshotStore:
        return SnapshotStore(self.settings.home)


@pytest.fixture(scope="session")
def _built_releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    settings = settings_for(tmp_path_factory.mktemp("releases"))
    return Releases(settings=settings, old=release_with(settings, OLD_TEXT), new=release_with(settings, NEW_TEXT))


@pytest.fixture
def releases(_built_releases: Releases, tmp_path: Path) -> Releases:
    built = _built_releases.settings
    settings = KnowledgeSettings(home=tmp_path / "home", corpus=tmp_path / "corpus")
    shutil.copytree(built.home, settings.home)
    shutil.copytree(built.corpus, settings.corpus)
    return Releases(settings=settings, old=_built_releases.old, new=_built_releases.new)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    """An empty store."""
    store = SnapshotStore(tmp_path / "home")
    store.root.mkdir(parents=True)
    return store
