"""Finds the source files below a path and reads each with the loader for its kind.

Input: a file or folder. Output: documents, and a failure for every file that could not be used; one bad file never stops
the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from knowledge.document import SALES_ROLES, Document
from knowledge.errors import DocumentError
from knowledge.lexicon import Lexicon
from knowledge.markdown import read_markdown

LOADERS: dict[str, Callable[..., Document]] = {".md": read_markdown, ".markdown": read_markdown}


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What was found below one root: usable documents, and what is wrong with the other files."""

    documents: list[Document]
    failures: list[DocumentError]


def load(root: Path, lexicon: Lexicon, *, root_name: str) -> Loaded:
    """Read every source file below `root`, or `root` itself, in the order of their paths; documents remember `root_name`.

    Of two files with the same id and language the first counts and the second is a failure.
    """
    if not root.exists():
        failure = DocumentError(root, "there is no such file or folder", "Check the path.")
        return Loaded(documents=[], failures=[failure])
    base = root if root.is_dir() else root.parent
    paths = sorted(path for path in (root.rglob("*") if root.is_dir() else [root]) if path.is_file())
    documents: dict[str, Document] = {}
    failures: list[DocumentError] = []
    for path in paths:
        written = path.relative_to(base).as_posix()
        name = written.encode("utf-8", "backslashreplace").decode()
        if name != written:
            failures.append(DocumentError(name, "the file's name is not Unicode", "Rename the file."))
            continue
        if any(part.startswith(".") for part in Path(name).parts):
            continue
        try:
            document = _read(path, name, lexicon)
        except DocumentError as error:
            failures.append(error)
            continue
        # How people ask is in any language, so it goes with one version of a page only: the English one.
        asks = lexicon.asks.get(document.front.id, ()) if document.front.language == "en" else ()
        placed = document.model_copy(update={"root": root_name, "path": name, "asks": asks})
        first = documents.setdefault(document.key, placed)
        if first.path != name:
            cure = "Give one of the two pages another id."
            failures.append(DocumentError(name, f"{document.key!r} is already the id of {first.path}", cure, line=2, field="id"))
    return Loaded(documents=list(documents.values()), failures=failures)


def _read(path: Path, name: str, lexicon: Lexicon) -> Document:
    loader = LOADERS.get(path.suffix.lower())
    if loader is None:
        kind = path.suffix or "without ending"
        raise DocumentError(name, f"files of kind {kind!r} can't be read", f"Known are {', '.join(sorted(LOADERS))}.")
    document = loader(path, name=name)
    _check(document, path, lexicon)
    return document


def _check(document: Document, path: Path, lexicon: Lexicon) -> None:
    """Hold a page to what only the lexicon and the whole page can tell."""
    front = document.front
    for scope in front.vehicles:
        if not lexicon.cars.knows(scope):
            cure = "Correct it, or add it to lexicon/vehicles.yaml."
            line = _line_of_key(path, "vehicles")
            raise DocumentError(document.path, f"the car {scope.label!r} is not known", cure, line=line, field="vehicles")
    for feature in front.features:
        if feature not in lexicon.feature_ids:
            cure = "Correct it, or add it to lexicon/features.yaml."
            line = _line_of_key(path, "features")
            raise DocumentError(document.path, f"the feature {feature!r} is not known", cure, line=line, field="features")
    for section in document.sections:
        for scope in section.vehicles:
            if not lexicon.cars.knows(scope):
                reason = f"the car {scope.label!r} is not known"
                raise DocumentError(document.path, reason, "Correct its energy.", line=section.line, field="vehicles")
        if front.audience == "customer" and section.role in SALES_ROLES:
            reason = f"a customer page has a section of role {section.role.value!r}"
            cure = "Move the section to a page with 'audience: sales'."
            raise DocumentError(document.path, reason, cure, line=section.line, field=".role")


def _line_of_key(path: Path, key: str) -> int:
    """Return the line on which a key of the front matter stands."""
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    return next((number for number, line in enumerate(lines, start=1) if line.startswith(f"{key}:")), 1)
