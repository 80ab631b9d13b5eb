"""Decodes text files of unknown encoding, and takes out what no reader sees.

Input: bytes or text. Output: clean text. Old Windows tables of the content team are in code page 1252 more often than not.
"""

from __future__ import annotations

import re
import unicodedata

import charset_normalizer

_LIKELY = ["cp1252", "mac_roman", "cp1250"]
# C1 control characters stand where cp1252 has typographic quotes: text full of them was decoded wrongly.
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_DIRECTIONS = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAGS = range(0xE0000, 0xE0080)  # invisible letters that some models read


def decode(raw: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding. Raises `UnicodeError` when it is no text in any known encoding."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16"), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        found = charset_normalizer.from_bytes(raw, cp_isolation=_LIKELY).best()
    if found is None:
        message = "no known encoding"
        raise UnicodeError(message)
    try:
        # Code pages 1250 and 1252 agree on most letters; in the markets served, the second is the likely one.
        return raw.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return str(found), found.encoding


def clean(text: str) -> str:
    """Return `text` composed (NFC), with plain spaces and without invisible or control characters; line breaks stay."""
    kept = "".join(character for character in unicodedata.normalize("NFC", text) if _visible(character))
    lines = (_SPACES.sub(" ", line).strip() for line in kept.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def invisible(text: str) -> int:
    """Return how many invisible letters and direction marks the text holds; soft hyphens and the first mark don't count."""
    return sum(
        character in _DIRECTIONS - {"\u00ad", "\ufeff", "\u200c", "\u200d"} or ord(character) in _TAGS for character in text
    )


def _visible(character: str) -> bool:
    if character in _DIRECTIONS or ord(character) in _TAGS:
        return False
    return character in "\n\t\r" or unicodedata.category(character) != "Cc"
