"""Reads the rows of an export: CSV in any usual encoding and separator, JSON lines, or the first sheet of an XLSX.

Input: a file. Output: rows, each a mapping from column name to cell, streamed. Which column is what is `columns.py`'s job.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from evals.demand.review import ExportError

Row = dict[str, object]
_SAMPLE = 200_000  # bytes from which an encoding is told
_LARGEST_CELL = 10_000_000  # characters; csv's own default of 131,072 would refuse a long review
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, kw_only=True)
class Export:
    """An export with its columns and rows, and how it was read. A row that can't be read comes as an empty mapping."""

    columns: tuple[str, ...]
    rows: list[Row]
    reading: str


def read_export(path: Path) -> Export:
    """Return the rows of the export in `path`. Raises `ExportError` when the file is no export of a known kind."""
    readers = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
        ".xlsx": _read_xlsx,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        message = f"{path}: files of kind {path.suffix or 'without ending'!r} can't be read. Export as .csv, .jsonl or .xlsx."
        raise ExportError(message)
    try:
        export = reader(path)
    except OSError as error:
        message = f"{path} can't be read ({error.strerror or error}). Check the path."
        raise ExportError(message) from error
    if not export.columns:
        message = f"{path}: there is no row with column names. Export again with a header."
        raise ExportError(message)
    return export


def _read_csv(path: Path) -> Export:
    content = path.read_bytes()
    encoding, text = _decoded(content)
    text = text.replace("\0", "")
    separator = _separator(text)
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        columns = tuple(name.strip() for name in next(reader, []))
        rows: list[Row] = [dict(zip(columns, cells, strict=False)) for cells in reader if cells]
    except csv.Error as error:
        message = f"{path}, line {reader.line_num}: {error}. Export the file again."
        raise ExportError(message) from error
    return Export(columns=columns, rows=rows, reading=f"CSV, {encoding}, separator {separator!r}")


def _decoded(content: bytes) -> tuple[str, str]:
    """Return the encoding and the text; UTF-8 where it fits, since nothing else that is text happens to be valid UTF-8."""
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return encoding, content.decode(encoding, errors="replace")
    try:
        return "utf-8", content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > _SAMPLE:  # one bad byte in a large file that is UTF-8 all the same
            return "utf-8 with unreadable bytes", content.decode("utf-8", errors="replace")
    guess = charset_normalizer.from_bytes(
        content[:_SAMPLE], cp_isolation=["cp1252", "iso-8859-15", "mac_roman", "utf_16_le"]
    ).best()
    encoding = guess.encoding if guess else "cp1252"
    return encoding, content.decode(encoding, errors="replace")


def _separator(text: str) -> str:
    """Return the separator that cuts the header into most columns."""
    header = text.lstrip().split("\n", 1)[0]
    return max(",;\t|", key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _read_jsonl(path: Path) -> Export:
    encoding, text = _decoded(path.read_bytes())
    rows: list[Row] = []
    columns: dict[str, None] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        row = value if isinstance(value, dict) else {}
        rows.append(row)
        columns |= dict.fromkeys(row)
    return Export(columns=tuple(columns), rows=rows, reading=f"JSON lines, {encoding}")


def _read_xlsx(path: Path) -> Export:
    """Read cell values only: formulas stay text or their stored result, and are never computed."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        message = f"{path} is not a usable XLSX file ({error}). Save it again as .xlsx or .csv."
        raise ExportError(message) from error
    try:
        lines: Iterator[tuple[object, ...]] = book.worksheets[0].iter_rows(values_only=True)
        columns = tuple(str(name or "").strip() for name in next(lines, ()))
        rows: list[Row] = [dict(zip(columns, cells, strict=False)) for cells in lines if any(cell is not None for cell in cells)]
    finally:
        book.close()
    return Export(columns=columns, rows=rows, reading="XLSX, first sheet")
