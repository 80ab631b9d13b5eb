"""Reads the subtitles of a film: what is said, in sections that begin at a second of the film.

Input: a VTT or SRT file. Output: a `Reading` with one extract; each section bears the second at which its first sentence
begins, so that a citation can lead there. Repeated lines of rolling captions are kept once.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysubs2

from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract, ExtractedSection, Reading
from knowledge.loaders.plain_text import clean, decode

_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_SPEAKER = re.compile(r"^\s*(?:-\s+|>>\s*)")
_SENTENCE_END = re.compile(r"[.!?…][\"»”)]*$")
_SOUND = re.compile(r"^[\[(♪].*[\])♪]$")
_WORDS_A_SECTION = 60
_PAUSE = 4_000  # milliseconds without speech that end a section
_VTT_LANGUAGE = re.compile(r"^Language:\s*([A-Za-z]{2})", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class _Cue:
    start: int
    end: int
    text: str


def read(path: Path, options: dict[str, Any]) -> Reading:  # noqa: ARG001  every reader is called the same way
    """Return what is said. Raises `DocumentError` when the file holds no timed text."""
    try:
        text, encoding = decode(path.read_bytes())
        events = pysubs2.SSAFile.from_string(text, format_=_format(text))
    except (UnicodeError, pysubs2.exceptions.Pysubs2Error) as error:
        raise DocumentError(path, "it holds no subtitles that can be read", "Export them again as VTT or SRT.") from error
    cues, notes = _cues(events)
    if not cues:
        raise DocumentError(path, "it holds no timed text", "Export the subtitles again as VTT or SRT.")
    if encoding not in ("UTF-8", "UTF-16"):
        notes.append(f"read as {encoding}")
    language = _VTT_LANGUAGE.search(text[:1000])
    metadata = {"language": language[1].lower()} if language else {}
    return Reading(extracts=(Extract(metadata=metadata, sections=_sections(cues)),), notes=tuple(notes))


def _format(text: str) -> str:
    return "vtt" if text.lstrip().startswith("WEBVTT") else "srt"


def _cues(events: pysubs2.SSAFile) -> tuple[list[_Cue], list[str]]:
    """Return the spoken cues by their start, and what is odd about their times."""
    cues: list[_Cue] = []
    overlapping, backwards = [], []
    last_end, last_lines = 0, [""]
    for event in sorted(events, key=lambda event: (event.start, event.end)):
        if event.is_comment:
            continue
        lines = [line for line in map(_said, event.plaintext.split("\n")) if line]
        if event.end < event.start:
            backwards.append(_clock(event.start))
        if event.start < last_end and cues:
            overlapping.append(_clock(event.start))
        # Rolling captions show the line before again, above the new one.
        fresh = lines[1:] if len(lines) > 1 and lines[0] == last_lines[-1] else [] if lines == last_lines[-1:] else lines
        last_end, last_lines = max(last_end, event.end), lines or last_lines
        if fresh:
            cues.append(_Cue(start=event.start, end=max(event.start, event.end), text=" ".join(fresh)))
    notes = (
        [f"{len(overlapping)} subtitles begin before the one before them ends (first at {overlapping[0]})"] if overlapping else []
    )
    notes += [f"{len(backwards)} subtitles end before they begin (first at {backwards[0]})"] if backwards else []
    return cues, notes


def _said(line: str) -> str:
    """Return a line without markup and speaker marks; descriptions of sounds are not speech."""
    plain = _SPEAKER.sub("", clean(html.unescape(_MARKUP.sub("", line))))
    return "" if _SOUND.match(plain) else plain


def _sections(cues: list[_Cue]) -> tuple[ExtractedSection, ...]:
    """Group cues into sections that end with a sentence, or at a long pause."""
    sections: list[ExtractedSection] = []
    group: list[_Cue] = []
    for place, cue in enumerate(cues):
        group.append(cue)
        words = sum(len(part.text.split()) for part in group)
        pause = place + 1 < len(cues) and cues[place + 1].start - cue.end > _PAUSE
        full = words >= _WORDS_A_SECTION and _SENTENCE_END.search(cue.text)
        if pause or full or words >= 2 * _WORDS_A_SECTION or place + 1 == len(cues):
            text = " ".join(part.text for part in group)
            second = group[0].start // 1000
            sections.append(ExtractedSection(heading=_clock(group[0].start), text=text, second=second))
            group = []
    return tuple(sections)


def _clock(milliseconds: int) -> str:
    """`"1:23"`, `"1:02:03"`."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
