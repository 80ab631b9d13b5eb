"""Completes what a file says of itself with what the folder and the file's sidecar say.

Input: the keys that a reader found, `_defaults.yaml` of the folders above, `<file>.meta.yaml` beside the file. Output:
the front matter, and a list of what had to be assumed. The nearer wins: sidecar, file, folder, folder above it.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder
from pydantic import ValidationError

from knowledge.document import FrontMatter
from knowledge.errors import DocumentError
from knowledge.loaders.extract import Extract
from knowledge.loaders.file_kinds import FileKind
from knowledge.words import fold

DEFAULTS = "_defaults.yaml"
SIDECAR_ENDING = ".meta.yaml"
LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl")  # of the markets served
_MOST_BYTES = 100_000
_MOST_LETTERS = 4_000  # that are looked at to tell a language
_LONGEST_NAME = 64
_LANGUAGE_ENDING = re.compile(rf"[._-]({'|'.join(LANGUAGES)})$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """The keys that people wrote for a file, and the file in which each one stands."""

    values: dict[str, Any]
    origins: dict[str, str]


def stated_for(path: Path, base: Path, *, name: str) -> tuple[Stated, Stated]:
    """Return what the sidecar of `path` says, and what the folders from `base` down say. Raises `DocumentError`."""
    folders = Stated(values={}, origins={})
    relative = path.parent.relative_to(base)
    prefix = name.removesuffix(path.relative_to(base).as_posix())
    for depth in range(len(relative.parts) + 1):
        below = Path(*relative.parts[:depth])
        _add(folders, base / below / DEFAULTS, prefix + (below / DEFAULTS).as_posix())
    sidecar = Stated(values={}, origins={})
    _add(sidecar, path.with_name(path.name + SIDECAR_ENDING), name + SIDECAR_ENDING)
    return sidecar, folders


def _add(stated: Stated, path: Path, name: str) -> None:
    if not path.is_file():
        return
    if path.stat().st_size > _MOST_BYTES:
        raise DocumentError(name, f"the file has {path.stat().st_size:,} bytes", "Keep only the keys of the front matter.")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DocumentError(name, "the file is not YAML", "Write 'key: value' lines.", line=line) from error
    except (OSError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise DocumentError(name, f"the file can't be read ({error})"[:200], "Write 'key: value' lines in UTF-8.") from error
    if values is None:
        return
    if not isinstance(values, dict):
        raise DocumentError(name, "the file is not a list of keys", "Write 'key: value' lines.")
    for key, value in values.items():
        if key not in FrontMatter.model_fields:
            cure = f"Known are {', '.join(FrontMatter.model_fields)}."
            raise DocumentError(name, "the key is not known", cure, line=_line_of(path, str(key)), field=str(key))
        stated.values[key] = value
        stated.origins[key] = f"{name}\n{path}"


def front_matter(
    extract: Extract, kind: FileKind, path: Path, *, name: str, stated: tuple[Stated, Stated]
) -> tuple[FrontMatter, list[str]]:
    """Return the front matter of an extract, and what was assumed for want of a word. Raises `DocumentError`."""
    sidecar, folders = stated
    ending = _LANGUAGE_ENDING.search(path.stem)
    stem = path.stem[: ending.start()] if ending else path.stem
    own = {key: value for key, value in extract.metadata.items() if key != "date"}
    if ending:
        own["language"] = ending[1].lower()
    if own.get("language", "") not in LANGUAGES:
        own.pop("language", None)
    values = {**folders.values, **own, **sidecar.values}
    assumed = []
    if "language" not in values:
        values["language"] = _language_of(extract)
        assumed.append(f"language {values['language']}")
    for key, value in (("kind", kind.default_kind), ("audience", "customer")):
        if key not in values:
            values[key] = value
            assumed.append(f"{key} {value}")
    if "vehicles" not in values:
        assumed.append("any car")
    title = re.sub(r"[-_.]+", " ", stem).strip().capitalize() or path.name
    plain = {"id": slug(stem), "title": title, "markets": ["*"], "vehicles": [], "features": []}
    values = plain | values
    values.setdefault("sources", [{"label": str(values["title"])}])
    day = _day(extract.metadata.get("date"), values["sources"], path)
    values.setdefault("reviewed", day)
    if "claims" not in values:
        values["claims"] = {"status": "fact", "as_of": day.year, "confidence": "reported"}
        assumed.append(f"status fact as of {day.year}")
    try:
        return FrontMatter.model_validate(values), assumed
    except ValidationError as error:
        raise _refusal(error, name, sidecar, folders) from error


def _refusal(error: ValidationError, name: str, sidecar: Stated, folders: Stated) -> DocumentError:
    """Name the wrong value in the file in which it stands."""
    first = error.errors()[0]
    key = str(first["loc"][0])
    field = ".".join(str(part) for part in first["loc"])
    origin = sidecar.origins.get(key) or folders.origins.get(key)
    cure = "Correct the value."
    if origin is None:
        return DocumentError(name, first["msg"], f"Write '{key}:' into {Path(name).name}{SIDECAR_ENDING}.", field=field)
    shown, _, path = origin.partition("\n")
    reason = f"{first['msg']} (for {name})"
    return DocumentError(shown, reason, cure, line=_line_of(Path(path), key), field=field)


def _line_of(path: Path, key: str) -> int:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if line.startswith(f"{key}:")), 1)


def _day(written: object, sources: object, path: Path) -> date:
    """Return the day that the file states; or the first of the year of its source, or of its last change on disk.

    A year, because the same file copied again must stay the same document.
    """
    with suppress(ValueError):
        return date.fromisoformat(str(written))
    rows = sources if isinstance(sources, list) else []
    years = [row["year"] for row in rows if isinstance(row, dict) and isinstance(row.get("year"), int)]
    year = max(years, default=0)
    known = year if MINYEAR < year <= MAXYEAR else datetime.fromtimestamp(path.stat().st_mtime, UTC).year
    return date(known, 1, 1)


def slug(text: str) -> str:
    """Return `text` as a name: small letters, digits and single hyphens, at most 64; "part" when nothing is left."""
    plain = unicodedata.normalize("NFKD", fold(text))
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].rstrip("-")
    return name or "part"


@lru_cache(maxsize=1)
def _detector() -> LanguageDetector:
    known = (Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())) for code in LANGUAGES)
    return LanguageDetectorBuilder.from_languages(*known).build()


def _language_of(extract: Extract) -> str:
    text = " ".join(f"{section.heading} {section.text}" for section in extract.sections)[:_MOST_LETTERS]
    found = _detector().detect_language_of(text)
    return found.iso_code_639_1.name.lower() if found else LANGUAGES[0]
