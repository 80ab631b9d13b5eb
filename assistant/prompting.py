"""The prompt of a release, and what its model may never write. Both are files, so that what was scored is what serves.

Input: the release's `prompts/`. Output: messages for a chat model; the names of the rules that a sentence breaks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from assistant.chat_model import Message
from knowledge.errors import ConfigurationError
from knowledge.splitting import Chunk
from knowledge.words import words
from knowledge.yaml_text import parse

# No text may pose as the end of its own tag.
_HARMLESS = str.maketrans({"<": "(", ">": ")"})


class Forbidden(BaseModel):
    """One row: a rule and the patterns that break it, over folded words and over the sentence as it stands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    words: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()

    @field_validator("words", "signs")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"the pattern {pattern!r} is not a regular expression ({error})"
                raise ValueError(message) from error
        return patterns

    @cached_property
    def _words(self) -> re.Pattern[str] | None:
        return re.compile(r"\b(?:" + "|".join(self.words) + r")\b") if self.words else None

    @cached_property
    def _signs(self) -> re.Pattern[str] | None:
        return re.compile("|".join(self.signs)) if self.signs else None

    def broken_by(self, sentence: str) -> bool:
        """Say whether a sentence breaks this rule."""
        plain = " ".join(words(sentence))
        return bool((self._words and self._words.search(plain)) or (self._signs and self._signs.search(sentence)))


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """How a model is asked. `fingerprint` changes with every letter of its files."""

    template: Template
    never: tuple[Forbidden, ...]
    fingerprint: str

    @classmethod
    def read(cls, folder: Path) -> Prompt:
        """Return the prompt in `folder`. Raises `ConfigurationError`."""
        answer, never = folder / "answer.txt", folder / "never-written.yaml"
        try:
            template = Template(answer.read_text(encoding="utf-8"))
            rows = tuple(Forbidden.model_validate(row) for row in parse(never.read_text(encoding="utf-8")))
            template.substitute(language="", car="")
            digest = hashlib.sha256(b"".join(path.read_bytes() for path in (answer, never))).hexdigest()[:16]
        except (OSError, TypeError, ValueError, AttributeError, KeyError, yaml.YAMLError, ValidationError) as error:
            message = f"The prompts in {folder} can't be used: {error}. Correct the file and run 'brand-assistant ingest'."
            raise ConfigurationError(message) from error
        return cls(template=template, never=rows, fingerprint=digest)

    def messages(self, question: str, passages: Sequence[Chunk], *, language: str, car: str) -> list[Message]:
        """Return the messages for a question: the rules as the system's, passages and question as data between tags."""
        system = self.template.substitute(language=language, car=f" ({car})" if car else "")
        shown = "\n".join(
            f'<passage number="{number}" title="{_harmless(chunk.title)} — {_harmless(chunk.section)}">\n'
            f"{_harmless(chunk.text)}\n</passage>"
            for number, chunk in enumerate(passages, start=1)
        )
        data = f"<passages>\n{shown}\n</passages>\n<question>\n{_harmless(question)}\n</question>"
        return [Message(role="system", text=system), Message(role="user", text=data)]

    def broken_rules(self, sentence: str) -> tuple[str, ...]:
        """Return the rules that a model's sentence breaks."""
        return tuple(row.rule for row in self.never if row.broken_by(sentence))


def _harmless(text: str) -> str:
    return text.translate(_HARMLESS)
