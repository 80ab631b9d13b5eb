"""Which language a question is written in, short ones and mixed ones included.

Input: the text and the language of the conversation so far. Output: an ISO 639-1 code. Detection is lingua's, limited to
the languages of the markets, and weighed with the words that are known to be of a language: letters alone say little of a text
of three words. A very short text that could be anything keeps the language of the conversation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

from knowledge.words import fold

LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl")
_BY_CODE = {code: Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())) for code in LANGUAGES}
_CERTAIN = 0.55
_APOSTROPHE = re.compile("['\u2019]")
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
# Of a known word, shared among its languages, in log-odds; and what lingua gives a language at least. On 1,446 development turns
# in seven languages, many of two or three words, 8 were taken for another language; without known words 23, with 1.0 a word 8.
_PER_WORD, _LEAST = 0.5, 1e-3
_LONGEST_NAME = 5  # words
_OTHER_LETTERS = "en"  # what readers of languages in other letters read soonest


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    # A short question needs every model; loaded beforehand they are loaded side by side.
    return LanguageDetectorBuilder.from_languages(*_BY_CODE.values()).with_preloaded_language_models().build()


def identify(
    text: str,
    *,
    names: re.Pattern[str] | None = None,
    vocabulary: Mapping[str, frozenset[str]] | None = None,
    previous: str | None = None,
) -> str:
    """Return the code of the language of `text`; `previous` decides when the text alone does not.

    Without `previous` that is French, and English where the letters are of none of the languages.
    `names` matches what stands the same in every language and says nothing about it, in folded words; `vocabulary` holds folded
    words of known languages.
    """
    words = _that_say_something(_WORD.findall(text), names)
    if not words:
        return previous or "fr"
    shares = _shares(words, vocabulary or {})
    if not shares:
        return previous or _OTHER_LETTERS
    code, second = sorted(shares, key=lambda name: -shares[name])[:2]
    if previous and code != previous:
        kept = shares.get(previous, 0.0)
        if shares[code] < _CERTAIN or (len(words) < 3 and kept > shares[second] / 2):  # noqa: PLR2004  two words are not a sentence
            return previous
    return code


def _shares(words: list[str], vocabulary: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Return by language how likely the words are of it, from their letters and the known ones; {} for other letters."""
    values = _detector().compute_language_confidence_values(" ".join(words))
    if not any(value.value for value in values):
        return {}
    shares = {value.language.iso_code_639_1.name.lower(): max(value.value, _LEAST) for value in values}
    for part in (fold(part) for word in words for part in _APOSTROPHE.split(word)):
        for code in (known := vocabulary.get(part, frozenset())):
            shares[code] *= math.exp(_PER_WORD / len(known))
    whole = sum(shares.values())
    return {code: share / whole for code, share in shares.items()}


def _that_say_something(words: list[str], names: re.Pattern[str] | None) -> list[str]:
    """Return the words without numbers and without names, which may be of several words, the longest first."""
    plain = [fold(word) for word in words]
    kept, place = list[str](), 0
    while place < len(words):
        sizes = range(min(_LONGEST_NAME, len(words) - place), 0, -1)
        named = next((size for size in sizes if names and names.fullmatch(" ".join(plain[place : place + size]))), 0)
        if not named and not any(character.isdigit() for character in plain[place]):
            kept.append(words[place])
        place += named or 1
    return kept
