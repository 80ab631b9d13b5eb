"""The words by which remarks are read (`evals/sets/remark-lexicon.yaml`): cues of kinds, features, sentiment, hateful words.

Input: folded words of a remark, joined by spaces. Output: which cues it holds, how glad it is, which spans to mask.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from evals.demand.review import DemandError
from knowledge.words import fold

SETS = Path(__file__).parents[1] / "sets"
Kind = Literal["cannot-use", "does-not-work", "would-like", "praise", "service", "other"]
Sentiment = Literal["positive", "negative", "neutral"]
_WORD = re.compile(r"[^\W_]+")
_TURNED_WITHIN = 3  # words between a negation and what it turns


def _whole(source: object) -> re.Pattern[str]:
    """Compile a pattern of whole words; line breaks of folded YAML count as nothing."""
    return re.compile(rf"\b(?:{str(source).replace('| ', '|')})(?!\w)")


Pattern = Annotated[re.Pattern[str], BeforeValidator(_whole)]


class SentimentWords(BaseModel):
    """Glad words, sorry words, and words that turn either."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    positive: Pattern
    negative: Pattern
    negations: Pattern


class RemarkLexicon(BaseModel):
    """The whole file, validated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cues: dict[Kind, tuple[Pattern, ...]]
    features: dict[str, dict[str, tuple[str, ...]]]
    sentiment: SentimentWords
    hateful: Pattern

    @classmethod
    @lru_cache(maxsize=1)
    def read(cls) -> RemarkLexicon:
        """Return the shipped lexicon. Raises `DemandError` when the file is wrong."""
        path = SETS / "remark-lexicon.yaml"
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, yaml.YAMLError, re.error) as error:
            message = f"{path} can't be used: {error}. Correct the file."
            raise DemandError(message) from error

    @cached_property
    def patterns(self) -> tuple[tuple[Kind, re.Pattern[str]], ...]:
        """Every cue in the order of the file, with the kind it speaks for."""
        return tuple((kind, pattern) for kind, patterns in self.cues.items() for pattern in patterns)

    def sentiment_of(self, plain: str) -> int:
        """Return glad minus sorry words of a remark given as folded words; a negation just before turns a word."""
        total = 0
        for pattern, worth in ((self.sentiment.positive, 1), (self.sentiment.negative, -1)):
            for match in pattern.finditer(plain):
                before = " ".join(plain[: match.start()].split()[-_TURNED_WITHIN:])
                total += -worth if self.sentiment.negations.search(before) else worth
        return total

    def masked(self, text: str) -> tuple[str, int]:
        """Return `text` with hateful words as "█" of their length, and how many there were."""
        spans = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        folded = [fold(text[start:end]) for start, end in spans]
        starts, position = {}, 0
        ends = {}
        for number, word in enumerate(folded):
            starts[position] = number
            ends[position + len(word)] = number
            position += len(word) + 1
        count = 0
        for match in self.hateful.finditer(" ".join(folded)):
            if match.start() in starts and match.end() in ends:
                begin, end = spans[starts[match.start()]][0], spans[ends[match.end()]][1]
                text = text[:begin] + "█" * (end - begin) + text[end:]
                count += 1
        return text, count
