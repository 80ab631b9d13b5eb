"""Turns text into comparable words: folded, cut and stemmed. Used by the word index and by the lexicon."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer
from bm25s.tokenization import (
    STOPWORDS_DUTCH,
    STOPWORDS_EN,
    STOPWORDS_FRENCH,
    STOPWORDS_GERMAN,
    STOPWORDS_ITALIAN,
    STOPWORDS_PORTUGUESE,
    STOPWORDS_SPANISH,
)

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_SNOWBALL = {
    "fr": "french", "en": "english", "es": "spanish", "de": "german", "it": "italian", "pt": "portuguese", "nl": "dutch",
}  # fmt: skip


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower-case `text` without accents: the form in which words are compared. Length may change."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


STOPWORDS = {
    "en": frozenset(fold(word) for word in STOPWORDS_EN) | {"do", "does", "my", "me", "how", "what", "can", "i", "you"},
    "fr": frozenset(fold(word) for word in STOPWORDS_FRENCH)
    | {"l", "d", "j", "c", "qu", "n", "s", "m", "t", "est", "comment", "ca", "je", "mon", "ma", "mes"},
}


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order; "ë-C3" gives "e", "c3"."""
    return _WORD.findall(fold(text))


_LISTED = {
    "fr": STOPWORDS_FRENCH, "en": STOPWORDS_EN, "es": STOPWORDS_SPANISH, "de": STOPWORDS_GERMAN, "it": STOPWORDS_ITALIAN,
    "pt": STOPWORDS_PORTUGUESE, "nl": STOPWORDS_DUTCH,
}  # fmt: skip
# Articles, pronouns and the like by language, folded: what is in every sentence of it.
FUNCTION_WORDS = {language: frozenset(part for word in listed for part in words(word)) for language, listed in _LISTED.items()}


class _Stemmers(threading.local):
    """One stemmer a language and thread: PyStemmer's objects are not thread-safe (its documentation says so)."""

    def __init__(self) -> None:
        self.by_language = {language: Stemmer.Stemmer(name) for language, name in _SNOWBALL.items()}


_stemmers = _Stemmers()


def stems(text: str, language: str) -> list[str]:
    """Return the stems of `text` in order, without the language's stop words (Snowball; none for unknown languages)."""
    kept = [word for word in words(text) if word not in STOPWORDS.get(language, frozenset())]
    stemmer = _stemmers.by_language.get(language)
    return stemmer.stemWords(kept) if stemmer else kept
