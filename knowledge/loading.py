"""Finds the source files below a path and reads each with the loader for its kind.

Input: a file, folder or archive. Output: documents, a failure for every file that could not be used, and findings for a
person to look at; one bad file never stops the rest. Markdown is read here and now, since it is our own and small; files
of other formats come from anywhere, and are read in a child process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from knowledge.document import SALES_ROLES, Document
from knowledge.errors import DocumentError
from knowledge.findings import Finding, FindingKind
from knowledge.lexicon import Lexicon
from knowledge.loaders.building import build
from knowledge.loaders.extract import Extract, Reading
from knowledge.loaders.file_kinds import ARCHIVE, BY_ENDING, kind_of
from knowledge.loaders.metadata import DEFAULTS, SIDECAR_ENDING, front_matter, stated_for
from knowledge.loaders.reading import read_file
from knowledge.markdown import read_markdown
from knowledge.sandbox import run

MARKDOWN = (".md", ".markdown")
_DEEPEST = 1  # archives within an archive
_SYSTEM_FOLDER = "__MACOSX"  # macOS puts one into every archive


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What was found below one root: usable documents, what is wrong with the other files, and what to look at."""

    documents: list[Document]
    failures: list[DocumentError]
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A file to read. `base` is the folder whose defaults hold for it; messages call the file `name`."""

    path: Path
    base: Path
    name: str


def load(root: Path, lexicon: Lexicon, *, root_name: str, cache: Path | None = None, before: Iterable[Document] = ()) -> Loaded:
    """Read every source file below `root`, or `root` itself, in the order of their paths; documents remember `root_name`.

    A Markdown page that is as it was when it gave a document of `before` is not read again; what files of other formats gave is
    kept in the folder `cache`. Of two files with the same id and language the first
    counts and the second is a failure.
    """
    found = Loaded(documents=[], failures=[])
    if not root.exists():
        found.failures.append(DocumentError(root, "there is no such file or folder", "Check the path."))
        return found
    documents: dict[str, Document] = {}
    known = {document.path: document for document in before if document.root == root_name}
    with ExitStack() as unpacked:
        for source in _sources(root, root if root.is_dir() else root.parent, found, unpacked):
            for document in _read(source, lexicon, cache, known, found):
                # How people ask is in any language, so it goes with one version of a page only: the English one.
                asks = lexicon.asks.get(document.front.id, {}) if document.front.language == "en" else {}
                placed = document.model_copy(update={"root": root_name, "path": source.name, "asks": asks})
                first = documents.setdefault(document.key, placed)
                if first is not placed:
                    reason = f"{document.key!r} is already the id of {first.path}"
                    cure = "Give one of the two pages another id."
                    found.failures.append(DocumentError(source.name, reason, cure, line=2, field="id"))
    found.documents.extend(documents.values())
    return found


def _sources(
    root: Path, base: Path, found: Loaded, unpacked: ExitStack, *, prefix: str = "", depth: int = 0
) -> Iterator[_Source]:
    """Yield the files to read, those of archives in place of the archives, in the order of their names."""
    for path in sorted(path for path in (root.rglob("*") if root.is_dir() else [root]) if path.is_file()):
        written = path.relative_to(base).as_posix()
        name = prefix + written.encode("utf-8", "backslashreplace").decode()
        if name != prefix + written:
            found.failures.append(DocumentError(name, "the file's name is not Unicode", "Rename the file."))
        elif any(part.startswith(".") or part == _SYSTEM_FOLDER for part in Path(written).parts):
            continue
        elif path.is_symlink() and not path.resolve().is_relative_to(base.resolve()):
            cure = "Put the file itself there."
            found.failures.append(DocumentError(name, "it is a link to a file outside the folder", cure))
        elif path.name == DEFAULTS:
            continue
        elif path.name.endswith(SIDECAR_ENDING):
            if not path.with_name(path.name.removesuffix(SIDECAR_ENDING)).exists():
                found.failures.append(DocumentError(name, "there is no file beside it that it describes", "Rename or remove it."))
        elif path.suffix.lower() not in (*MARKDOWN, *BY_ENDING):
            shown, known = path.suffix or "without ending", ", ".join(sorted((*MARKDOWN, *BY_ENDING)))
            found.failures.append(DocumentError(name, f"files of kind {shown!r} can't be read", f"Known are {known}."))
        elif BY_ENDING.get(path.suffix.lower()) is ARCHIVE:
            yield from _unpacked(_Source(path=path, base=base, name=name), found, unpacked, depth=depth)
        else:
            yield _Source(path=path, base=base, name=name)


def _unpacked(archive: _Source, found: Loaded, unpacked: ExitStack, *, depth: int) -> Iterator[_Source]:
    """Yield the files of an archive, which stay on disk until `unpacked` is closed; they are called `archive.zip/name`."""
    if depth > _DEEPEST:
        reason = "it is an archive in an archive in an archive"
        found.failures.append(DocumentError(archive.name, reason, "Pack the files once."))
        return
    try:
        kind = kind_of(archive.path, archive.name)
        folder = Path(unpacked.enter_context(tempfile.TemporaryDirectory(prefix="unpacked-")))
        reading = Reading.model_validate(run(kind.reader, archive.path, name=archive.name, options={"folder": str(folder)}))
    except DocumentError as error:
        found.failures.append(error)
        return
    for refusal in reading.refusals:
        found.failures.append(DocumentError(f"{archive.name}/{refusal.field}", refusal.reason, refusal.cure))
    yield from _sources(folder, folder, found, unpacked, prefix=f"{archive.name}/", depth=depth + 1)


def _read(source: _Source, lexicon: Lexicon, cache: Path | None, known: dict[str, Document], found: Loaded) -> list[Document]:
    """Return the documents of one file; what is wrong or odd about it goes to `found`."""
    documents: list[Document] = []
    try:
        if source.path.suffix.lower() in MARKDOWN:
            document = read_markdown(source.path, name=source.name, before=known.get(source.name))
            _check(document, source.path, lexicon)
            return [document]
        kind = kind_of(source.path, source.name)
        stated = stated_for(source.path, source.base, name=source.name)
        reading = read_file(source.path, kind, name=source.name, cache=cache)
        for refusal in reading.refusals:
            error = DocumentError(source.name, refusal.reason, refusal.cure, line=refusal.line, field=refusal.field)
            found.failures.append(error)
        notes = reading.notes
        for extract in reading.extracts:
            front, assumed = front_matter(extract, kind, source.path, name=source.name, stated=stated)
            document = build(extract, front, name=source.name)
            _check(document, None, lexicon)
            documents.append(document)
            found.findings.extend(_told(document, extract, notes, assumed, source))
            notes = ()  # they are about the file, and told once
    except DocumentError as error:
        found.failures.append(error)
    return documents


def _told(document: Document, extract: Extract, notes: tuple[str, ...], assumed: list[str], source: _Source) -> list[Finding]:
    """Return what the content team should know about a file that was read."""
    messages: list[tuple[FindingKind, str]] = [("note", f"{source.name}: {note}") for note in notes]
    if assumed:
        cure = f"Write what it is into {source.path.name}{SIDECAR_ENDING}"
        messages.append(("assumed", f"{source.name}: assumed: {', '.join(assumed)}. {cure}"))
    messages += [
        ("dead-link", f"{source.name}: the link {link!r} leads nowhere") for link in extract.links if _is_dead(link, source)
    ]
    return [
        Finding(kind=kind, document_id=document.front.id, language=document.front.language, message=message)
        for kind, message in messages
    ]


def _is_dead(link: str, source: _Source) -> bool:
    """Say whether a link to a file of the folder leads nowhere; addresses elsewhere are not ours to follow."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return True
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return False
    if not parts.path:
        return bool(parts.fragment)  # the reader left out those that the page has
    return not (source.path.parent / unquote(parts.path)).exists()


def _check(document: Document, path: Path | None, lexicon: Lexicon) -> None:
    """Hold a page to what only the lexicon and the whole page can tell; `path` is its file, if that is Markdown."""
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


def _line_of_key(path: Path | None, key: str) -> int:
    """Return the line on which a key of the front matter stands; 1 where there is no front matter."""
    if path is None:
        return 1
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    return next((number for number, line in enumerate(lines, start=1) if line.startswith(f"{key}:")), 1)
