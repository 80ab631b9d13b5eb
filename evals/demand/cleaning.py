"""Makes plain text of what exports hold: no HTML, no control characters, accents mended, one Unicode form.

Nothing is shortened and no word is taken out; emoji stay. Input: a cell. Output: text that can be stored and compared.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import warnings

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning

from knowledge.words import words

_TAG = re.compile(r"<\s*[a-zA-Z!/][^>]*>|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
# UTF-8 read as Windows-1252: "Ã©" for é, "â€™" for an apostrophe.
_MISREAD = re.compile(r"[ÃÂ][\u0080-\u00bf\u0152-\u0178\u2018-\u2122]|â€")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")


def clean(cell: str) -> str:
    """Return `cell` as plain text in NFC; empty when nothing readable is in it."""
    text = _mend(cell)
    if _TAG.search(text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
            soup = BeautifulSoup(text, "html.parser")
        for hidden in soup(["script", "style", "template"]):
            hidden.decompose()
        text = soup.get_text(" ")
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if _unprintable(character) else character for character in text)
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def sameness(text: str) -> str:
    """Return a short hash that is equal for texts that differ in case, accents, spaces or punctuation only."""
    return hashlib.sha256((" ".join(words(text)) or text).encode()).hexdigest()[:32]


def _mend(text: str) -> str:
    if not _MISREAD.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _unprintable(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")
