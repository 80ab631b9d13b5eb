"""The manifest of a snapshot: what it was made of, and the hash of every file in it.

A snapshot's id is derived from what it was made of, so the same content always has the same id.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.document import Audience, Document
from knowledge.errors import SnapshotError

MANIFEST = "manifest.json"
SCHEMA = 5


class Recipe(BaseModel):
    """Everything that decides what a snapshot answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = SCHEMA
    embedder: str
    documents: dict[str, str]
    release: dict[str, str]

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the recipe."""
        canonical = json.dumps(self.model_dump(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]


class Manifest(BaseModel):
    """A snapshot's recipe, entries by audience, and files by SHA-256. Written last: without it a folder is no snapshot."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    created: datetime
    recipe: Recipe
    entries: dict[Audience, tuple[str, ...]]
    files: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Return the manifest in `folder`. Raises `SnapshotError` when it is missing, damaged or of another schema."""
        try:
            manifest = cls.model_validate_json((folder / MANIFEST).read_bytes())
        except (OSError, ValidationError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            message = f"Snapshot {folder.name} has no usable manifest ({reason}). Run 'brand-assistant ingest'."
            raise SnapshotError(message) from error
        if manifest.recipe.schema_version != SCHEMA:
            found = manifest.recipe.schema_version
            message = f"Snapshot {folder.name} has schema {found}, this version reads {SCHEMA}. Run 'brand-assistant ingest'."
            raise SnapshotError(message)
        if manifest.id != manifest.recipe.id:
            message = f"Snapshot {folder.name} does not match its own manifest. Run 'brand-assistant ingest'."
            raise SnapshotError(message)
        return manifest

    def check(self, folder: Path) -> None:
        """Compare every file below `folder` with its hash, without opening an index.

        Raises `SnapshotError` naming the first file that is missing or differs. Files are hashed, not opened: Chroma
        crashes on some damage.
        """
        for name, expected in self.files.items():
            path = folder / name
            if not path.is_file():
                message = f"Snapshot {self.id} is damaged: {name} is missing."
                raise SnapshotError(message)
            if file_hash(path) != expected:
                message = f"Snapshot {self.id} is damaged: {name} has changed since it was built."
                raise SnapshotError(message)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_tree(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below `folder`, by its relative path with forward slashes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in files}


def recipe_of(documents: list[Document], *, embedder: str, release: dict[str, str]) -> Recipe:
    """Return the recipe for these documents, release files (by hash) and embedder."""
    return Recipe(embedder=embedder, documents={document.key: document.content_hash for document in documents}, release=release)
