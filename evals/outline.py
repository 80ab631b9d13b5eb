"""What a snapshot says, reduced to what two snapshots are compared by: pages, sections, cars, warnings, rules, phrases.

Input: the documents and release files of one snapshot. Output: an `Outline`, small enough to ship with the scores of a release.
Sentences stand in it as hashes: enough to see that one moved from one car to another, without a second copy of the text.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.rules import Rules
from knowledge.document import Document, Role
from knowledge.errors import ConfigurationError
from knowledge.sentences import sentences
from knowledge.snapshots import RELEASE, SnapshotStore

PHRASES, WARNINGS, RULES = "locked-phrases.yaml", "warnings.yaml", "rules.yaml"
_LENGTH = 10
Row = TypeVar("Row", bound=BaseModel)


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SectionOutline(_Kept):
    """One section: its role, the cars it holds for (by label; none: any car), and its sentences by hash."""

    role: Role
    cars: tuple[str, ...]
    sentences: tuple[str, ...]


class RuleOutline(_Kept):
    """One rule: what it decides, how many patterns trigger it, for whom it binds."""

    decision: str
    triggers: int
    audiences: tuple[str, ...]


class PhraseException(_Kept):
    """A market that was let off a locked phrase, with the words it uses instead, the reason and the source."""

    market: str
    phrase: str | None = None
    reason: str
    source: str


class LockedPhrase(_Kept):
    """A phrase that stands as it is in every language, unless `languages` limits it.

    `never` lists forms that it has been turned into.
    """

    phrase: str
    kind: str
    source: str
    languages: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    exceptions: tuple[PhraseException, ...] = ()


class RequiredWarning(_Kept):
    """One row of the warnings that pages must hold."""

    page: str
    section: str
    cars: tuple[str, ...]


class Outline(_Kept):
    """What one snapshot says. `phrases` counts each locked phrase by page key."""

    pages: dict[str, dict[str, SectionOutline]]
    rules: dict[str, RuleOutline]
    warnings: tuple[RequiredWarning, ...]
    locked: tuple[LockedPhrase, ...]
    phrases: dict[str, dict[str, int]]

    @property
    def page_ids(self) -> set[str]:
        """The page ids, in whatever language."""
        return {key.rpartition(".")[0] for key in self.pages}


def outline_of(store: SnapshotStore, snapshot_id: str) -> Outline:
    """Return the outline of a snapshot. Raises `SnapshotError`, and `ConfigurationError` naming the release file at fault."""
    return outline(store.documents(snapshot_id), store.folder(snapshot_id) / RELEASE)


def outline(documents: list[Document], release: Path) -> Outline:
    """Return the outline of these documents and of the release files in a folder. Raises `ConfigurationError`."""
    locked = _rows(release / PHRASES, LockedPhrase)
    rules = Rules.read(release / RULES) if (release / RULES).exists() else Rules(table=())
    return Outline(
        pages={document.key: _sections(document) for document in documents},
        rules={
            rule.rule: RuleOutline(decision=rule.decision.value, triggers=len(rule.triggers), audiences=rule.audiences)
            for rule in rules.table
        },
        warnings=_rows(release / WARNINGS, RequiredWarning),
        locked=locked,
        phrases={document.key: counts for document in documents if (counts := _counts(document, locked))},
    )


def text_of(document: Document) -> str:
    """Return everything of a page that people read."""
    sections = (f"{section.heading}\n{section.text}" for section in document.sections)
    return "\n".join([document.front.title, *sections])


def sentence_hashes(text: str, language: str) -> tuple[str, ...]:
    """Return ten hexadecimal digits for each sentence of a text, white space aside."""
    return tuple(_hash(sentence.text) for sentence in sentences(text, language))


def _sections(document: Document) -> dict[str, SectionOutline]:
    return {
        section.id: SectionOutline(
            role=section.role,
            cars=tuple(sorted(scope.label for scope in section.vehicles)),
            sentences=sentence_hashes(section.text, document.front.language),
        )
        for section in document.sections
    }


def _hash(sentence: str) -> str:
    return hashlib.sha256(" ".join(sentence.split()).encode()).hexdigest()[:_LENGTH]


def _counts(document: Document, locked: tuple[LockedPhrase, ...]) -> dict[str, int]:
    text = text_of(document)
    return {phrase.phrase: count for phrase in locked if (count := text.count(phrase.phrase))}


def _rows(path: Path, kind: type[Row]) -> tuple[Row, ...]:
    """Return the checked rows of a YAML list; a file that is not there has none."""
    if not path.exists():
        return ()
    try:
        return tuple(kind.model_validate(row) for row in yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError, ValidationError, TypeError) as error:
        message = f"{path} can't be used: {error}"
        raise ConfigurationError(message) from error
