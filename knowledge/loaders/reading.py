"""Reads one file of any known format into a `Reading`: in a child process, and only once while it stays the same.

Input: a file and, for results, a cache folder. Output: a `Reading`, or a `DocumentError`. What a file gave is kept by the
hash of its content; the code that reads is part of the key, so a better reader reads again.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from knowledge.loaders.extract import Reading
from knowledge.loaders.file_kinds import PDF, FileKind
from knowledge.loaders.pdf_layout import PdfPage, PdfPages
from knowledge.loaders.pdf_sections import sections_of
from knowledge.manifest import file_hash
from knowledge.sandbox import run

_PAGES_AT_A_TIME = 15  # a child has 30 seconds for them; a dense page takes under one
_MOST_KEPT = 2_000  # readings in the cache


def read_file(path: Path, kind: FileKind, *, name: str, cache: Path | None) -> Reading:
    """Return what is in the file. Raises `DocumentError` when it can't be used."""
    kept = cache / f"{_key(path, kind)}.json" if cache else None
    if kept and kept.exists():
        try:
            reading = Reading.model_validate_json(kept.read_bytes())
        except ValidationError:
            pass  # written by another version, or damaged: read the file again
        else:
            os.utime(kept)
            return reading
    reading = _read_pdf(path, name) if kind is PDF else Reading.model_validate(run(kind.reader, path, name=name))
    if kept:
        _keep(kept, reading)
    return reading


def _read_pdf(path: Path, name: str) -> Reading:
    """Return the text of a PDF, read a few pages at a time."""
    pages: list[PdfPage] = []
    while True:
        options = {"first": len(pages), "count": _PAGES_AT_A_TIME}
        found = PdfPages.model_validate(run(PDF.reader, path, name=name, options=options))
        pages.extend(found.pages)
        if len(pages) >= found.total or not found.pages:
            break
    reading = sections_of(pages, name=name)
    stated = {"title": found.title, "date": found.date}
    extracts = tuple(
        extract.model_copy(update={"metadata": {key: value for key, value in stated.items() if value} | extract.metadata})
        for extract in reading.extracts
    )
    return reading.model_copy(update={"extracts": extracts})


def _key(path: Path, kind: FileKind) -> str:
    return hashlib.sha256(f"{_code_hash()}\n{kind.name}\n{path.stem}\n{file_hash(path)}".encode()).hexdigest()


@lru_cache(maxsize=1)
def _code_hash() -> str:
    """Return a hash over the modules of this package."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _keep(path: Path, reading: Reading) -> None:
    """Write a reading whole; the ones unused for longest make room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    temporary.write_text(reading.model_dump_json(), encoding="utf-8")
    temporary.replace(path)
    kept = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
    for old in kept[:-_MOST_KEPT]:
        old.unlink(missing_ok=True)
