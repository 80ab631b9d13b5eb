"""Every error the product raises on purpose, in one tree.

BrandAssistantError
├── ConfigurationError      a setting is wrong; the message names it and the cure
├── DocumentError           a source file can't be used; carries file, line, field, reason, cure
├── EmbedderError           an embedder is not there or does not answer
├── SnapshotError           a snapshot is missing, damaged or can't be built
│   ├── SnapshotLockedError another process is writing
│   └── TransferError       an export can't be trusted or taken in
└── QuestionError           a question that can't be read (empty, too long); `assistant` raises it
"""

from __future__ import annotations

from pathlib import Path


class BrandAssistantError(Exception):
    """Root of the tree. Its text is written for the person who reads it: what failed, on what, and the cure."""


class ConfigurationError(BrandAssistantError):
    """A setting is missing or wrong."""


class DocumentError(BrandAssistantError):
    """A source file, or one part of it, can't be used.

    `line` counts from 1; `field` is the front-matter key or section attribute at fault, if one is.
    """

    def __init__(self, path: Path | str, reason: str, cure: str, *, line: int = 1, field: str | None = None) -> None:
        self.path = str(path)
        self.reason = reason
        self.cure = cure
        self.line = line
        self.field = field
        where = f"{self.path}:{line}" + (f" ({field})" if field else "")
        super().__init__(f"{where}: {reason}. {cure}")


class EmbedderError(BrandAssistantError):
    """An embedder can't be loaded, or its endpoint failed."""


class SnapshotError(BrandAssistantError):
    """A snapshot is missing, damaged or can't be built."""


class SnapshotLockedError(SnapshotError):
    """Another process holds the writer's lock."""


class TransferError(SnapshotError):
    """An exported snapshot is unsigned, tampered with, or not fit for this machine."""
