"""Which language a question is written in, short ones and mixed ones included.

Input: the text and the language of the conversation so far. Output: an ISO 639-1 code. Detection is lingua's, limited to
the languages of the markets; a very short text that could be anything keeps the language of the conversation.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

from knowledge.words import fold

LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl")
_BY_CODE = {code: Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())) for code in LANGUAGES}
_CERTAIN = 0.55
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    # A short question needs every model; loaded beforehand they are loaded side by side.
    return LanguageDetectorBuilder.from_languages(*_BY_CODE.values()).with_preloaded_language_models().build()


def identify(text: str, *, names: re.Pattern[str] | None = None, previous: str | None = None) -> str:
    """Return the code of the language of `text`; `previous` decides when the text alone does not, then French.

    `names` matches words that stand the same in every language and say nothing about it.
    """
    plain = " ".join(word for word in _WORD.findall(text) if not _says_nothing(word, names))
    if not plain:
        return previous or "fr"
    values = _detector().compute_language_confidence_values(plain)
    best, second = values[0], values[1]
    code = best.language.iso_code_639_1.name.lower()
    if previous and code != previous:
        kept = next((value.value for value in values if value.language == _BY_CODE.get(previous)), 0.0)
        if best.value < _CERTAIN or (len(plain.split()) < 3 and kept > second.value / 2):  # noqa: PLR2004  two words are not a sentence
            return previous
    return code


def _says_nothing(word: str, names: re.Pattern[str] | None) -> bool:
    plain = fold(word)
    return any(character.isdigit() for character in plain) or bool(names and names.fullmatch(plain))
