"""The linter of pages: holds them to `style.yaml`, `warnings.yaml`, `locked-phrases.yaml` and `facts.yaml` of a corpus.

Input: a corpus folder. Output: problems, each with file, line and cure. What a page says is compared with data only: whether
it is true is for the reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.document import Document, Role, Section
from knowledge.errors import ConfigurationError
from knowledge.facts import FactList
from knowledge.sentences import sentences
from knowledge.yaml_text import parse

STYLE, WARNINGS, PHRASES = "style.yaml", "warnings.yaml", "locked-phrases.yaml"
_MAY_NAME = (Role.NEVER_SAY, Role.OBJECTION)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a page: where, which rule, what and the cure."""

    path: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        """`path:line: rule: text`."""
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Banned(_Data):
    """Words that no page asserts, by the name of the rule."""

    name: str
    words: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The words as a pattern."""
        return re.compile(self.words, re.IGNORECASE)


class Style(_Data):
    """The whole of `style.yaml`."""

    longest_sentence: int = Field(gt=0)
    openers: dict[str, str]
    silence: dict[str, str]
    banned: tuple[Banned, ...]
    banned_except: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Style:
        """Return the style in a YAML file. Raises `ConfigurationError`."""
        try:
            return cls.model_validate(parse(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The style in {path} can't be used: {error}"
            raise ConfigurationError(message) from error


def problems_of(documents: list[Document], corpus: Path) -> list[Problem]:
    """Return what is wrong with pages, by file and line. Raises `ConfigurationError` for data that can't be used."""
    style, facts = Style.read(corpus / STYLE), FactList.read(corpus)
    found: list[Problem] = []
    for document in documents:
        for section in document.sections:
            language = document.front.language
            rows = (
                *_wording(section, language, style),
                *_facts(section, language, style, facts),
                *_steps(section, document),
            )
            found += [Problem(document.path, section.line, rule, f"{section.id}: {text}") for rule, text in rows]
    found += _warnings(documents, parse((corpus / WARNINGS).read_text(encoding="utf-8")))
    found += _phrases(documents, parse((corpus / PHRASES).read_text(encoding="utf-8")))
    return sorted(found)


def _wording(section: Section, language: str, style: Style) -> Iterator[tuple[str, str]]:
    opener = re.compile(style.openers[language]) if language in style.openers else None
    for sentence in sentences(section.text, language):
        count = len(sentence.text.split())
        if count > style.longest_sentence:
            yield "long sentence", f"{count} words, at most {style.longest_sentence}; cut it in two: {sentence.text[:60]!r}"
        if opener and opener.match(sentence.text):
            yield "points back", f"name the thing itself, the sentence is shown alone: {sentence.text[:60]!r}"
    if section.role not in _MAY_NAME:
        text = section.text
        for name in style.banned_except:
            text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
        for banned in style.banned:
            if match := banned.pattern.search(text):
                yield banned.name, f"take out {match.group(0)!r}, or move it to an objection or never-say section"


def _facts(section: Section, language: str, style: Style, facts: FactList) -> Iterator[tuple[str, str]]:
    if not section.facts and not re.search(style.silence.get(language, r"(?!)"), section.text, re.IGNORECASE):
        yield "no fact", "name the facts that it rests on (facts=…), or say that our sources are silent"
    for fact in section.facts:
        if fact not in facts.known:
            yield "unknown fact", f"{fact} is not in facts.yaml"


def _steps(section: Section, document: Document) -> Iterator[tuple[str, str]]:
    steps = [sentence.step for sentence in sentences(section.text, document.front.language) if sentence.step]
    if bool(steps) != (section.role is Role.STEPS):
        yield "steps", "steps are a numbered list in a section .steps, and only there"
    elif steps != list(range(1, len(steps) + 1)):
        yield "steps", f"number them 1 to {len(steps)}"


def _warnings(documents: list[Document], required: list[dict[str, Any]]) -> Iterator[Problem]:
    pages: dict[str, list[Document]] = {}
    for document in documents:
        pages.setdefault(document.front.id, []).append(document)
    for row in required:
        for document in pages.get(row["page"], []):
            held = [one for one in document.sections if one.id == row["section"] and one.role is Role.WARNING]
            labels = {scope.label for section in held for scope in section.vehicles}
            for car in row["cars"]:
                if not held or (car != "*" and car not in labels):
                    yield Problem(document.path, 1, "warning", f"the warning {row['section']!r} for {car} is missing")


def _phrases(documents: list[Document], phrases: list[dict[str, Any]]) -> Iterator[Problem]:
    for document in documents:
        text = "\n".join([document.front.title, *(section.text for section in document.sections)]).lower()
        for row in phrases:
            for turned in row.get("never", []):
                if turned.lower() in text:
                    yield Problem(document.path, 1, "locked phrase", f"write {row['phrase']!r} for {turned!r}")
