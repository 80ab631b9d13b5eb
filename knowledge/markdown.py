"""Reads one Markdown page with YAML front matter into a `Document`, and says precisely what is wrong with it.

Input: a file, and the document that came of it before, if any. Output: a `Document`, or a `DocumentError` that names file, line,
field and cure. The format is written down in docs/writing-pages.md. Which cars and features exist is checked by `loading.py`.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import ValidationError

from knowledge.document import Document, FrontMatter, Role, Section, Source
from knowledge.errors import DocumentError
from knowledge.vehicles import VehicleScope
from knowledge.yaml_text import compose

MAX_BYTES = 1_000_000
_SHOWN = 80  # characters of a wrong value that a message repeats
_HUGE = 10**15  # numbers beyond are not shown again: Python refuses to print some
_HEADING = re.compile(r"^(?P<heading>.*)\{(?P<attributes>[^{}]*)\}$")
_CLAIM_KEYS = frozenset({"status", "as_of", "speaker", "confidence"})
_ATTRIBUTE = r"""[^\s"'\\]+(?:"[^"\\]*")?"""
_ATTRIBUTES = re.compile(rf"(?:{_ATTRIBUTE}(?:\s+|$))*")
_KEYS = _CLAIM_KEYS | {"task", "vehicles", "facts", "sources"}
_INLINE = MarkdownIt("commonmark")
_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")
_FORBIDDEN = {
    "html_block": "HTML",
    "html_inline": "HTML",
    "table_open": "a table",
    "image": "an image",
    "link_open": "a link",
    "fence": "a code block",
    "code_block": "an indented block",
}


def read_markdown(path: Path, *, name: str | None = None, before: Document | None = None) -> Document:
    """Return the page in `path`; errors call the file `name`. Raises `DocumentError` for anything unusable.

    `before`, what the file gave when it was read last, is returned as it is when neither the file nor this code has changed.
    """
    shown = name or str(path)
    text = _read_text(path, shown)
    read_from = hashlib.sha256(_code() + text.encode()).hexdigest()
    if before and before.read_from == read_from:
        return before
    head, body, body_line = _split(text, shown)
    front = _front_matter(head, shown)
    sections = tuple(_sections(body, body_line, front, shown))
    if not sections:
        body_line = min(body_line, text.count("\n") + 1)
        raise DocumentError(shown, "the page has no section", "Add a heading such as '## … {#what .what}'.", line=body_line)
    seen: dict[str, int] = {}
    for section in sections:
        if section.id in seen:
            raise DocumentError(
                shown,
                f"section id {section.id!r} stands twice (first in line {seen[section.id]})",
                "Give each section of a page its own id.",
                line=section.line,
                field="#id",
            )
        seen[section.id] = section.line
    return Document(front=front, sections=sections, path=shown, read_from=read_from)


@lru_cache(maxsize=1)
def _code() -> bytes:
    """Return a hash of what decides how a page is read."""
    folder = Path(__file__).parent
    names = ("document.py", "markdown.py", "vehicles.py", "yaml_text.py")
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).digest()


def _read_text(path: Path, shown: str) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(shown, f"the file has {size:,} bytes", f"Split it: a page has at most {MAX_BYTES:,} bytes.")
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            shown, f"the file can't be read ({error.strerror})", "Check that it exists and is readable."
        ) from error
    if not raw.strip():
        raise DocumentError(shown, "the file is empty", "Write the page, or remove the file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DocumentError(shown, f"byte {error.start} is not UTF-8", "Save the file as UTF-8.", line=line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str, shown: str) -> tuple[str, str, int]:
    """Return front matter, body, and the line on which the body starts."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise DocumentError(shown, "the page has no front matter", "Start the file with a line '---' and its YAML head.")
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == "---":
            return "\n".join(lines[1 : number - 1]), "\n".join(lines[number:]), number + 1
    raise DocumentError(shown, "the front matter is never closed", "End it with a line '---'.")


def _front_matter(head: str, shown: str) -> FrontMatter:
    try:
        node, values = compose(head)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise DocumentError(shown, f"the front matter can't be read: {problem}", "Correct the YAML.", line=line) from error
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        # YAML's own readers of dates, numbers and nested values fail in many ways on values that only look like ones.
        reason = f"the front matter can't be read: {str(error) or type(error).__name__}"
        raise DocumentError(shown, reason[:200], "Correct the YAML.", line=2) from error
    if node is not None:
        _refuse_twice(node, shown)
    if not isinstance(values, dict):
        raise DocumentError(shown, "the front matter is not a list of keys", "Write 'key: value' lines.", line=2)
    try:
        return FrontMatter.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        line = _line_of(node, first["loc"]) + 2
        _refuse(shown, first, field, line)


def _refuse_twice(node: yaml.Node, shown: str) -> None:
    """Refuse a key that stands twice, at any depth: YAML would silently take the second."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_twice(item, shown)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            line = key.start_mark.line + 2
            raise DocumentError(shown, "the key stands twice", "Keep one of the two.", line=line, field=name)
        seen.add(name)
        _refuse_twice(value, shown)


def _refuse(shown: str, problem: Any, field: str, line: int) -> NoReturn:
    """Raise pydantic's complaint in the words of a person who writes pages."""
    if problem["type"] == "missing":
        raise DocumentError(shown, "the key is missing", f"Add '{field.rpartition('.')[2]}:'.", line=line, field=field)
    if problem["type"] == "extra_forbidden":
        raise DocumentError(shown, "the key is not known", "Remove it, or correct its spelling.", line=line, field=field)
    value = problem.get("input")
    shown_value = (
        f" (found {str(value)[:_SHOWN]!r})"
        if isinstance(value, str | float) or (isinstance(value, int) and value < _HUGE)
        else ""
    )
    raise DocumentError(shown, f"{problem['msg']}{shown_value}", "Correct the value.", line=line, field=field)


def _line_of(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """Return the zero-based line of the deepest part of `path` that exists below `node`."""
    line = node.start_mark.line if node else 0
    for part in path:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, child = key.start_mark.line, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line
        if child is None:
            break
        node = child
    return int(line)


def _sections(body: str, body_line: int, front: FrontMatter, shown: str) -> list[Section]:
    """Cut the body at its level-two headings; refuse what a page may not hold."""
    environment: dict[str, Any] = {}
    tokens = _BLOCKS.parse(body, environment)
    lines = body.split("\n")
    for reference in environment.get("references", {}).values():
        line = body_line + reference["map"][0]
        raise DocumentError(shown, "a page holds no link", "Write plain sentences or numbered steps.", line=line)
    starts: list[tuple[int, int, str]] = []
    for index, token in enumerate(tokens):
        line = body_line + (token.map[0] if token.map else 0)
        for part in (token, *_marked_up(token)):
            if part.type in _FORBIDDEN:
                raise DocumentError(
                    shown,
                    f"a page holds no {_FORBIDDEN[part.type].removeprefix('a ').removeprefix('an ')}",
                    "Write plain sentences or numbered steps.",
                    line=line,
                )
        if token.type == "heading_open":
            if token.tag != "h2" or token.level:
                raise DocumentError(shown, f"a heading of level {token.tag[1]}", "Use '## ' headings only.", line=line)
            assert token.map is not None  # noqa: S101  block tokens always carry their lines
            starts.append((token.map[0], token.map[1], tokens[index + 1].content))
    first = starts[0][0] if starts else len(lines)
    if "".join(lines[:first]).strip():
        raise DocumentError(shown, "text before the first section", "Put every sentence under a '## ' heading.", line=body_line)
    if not starts:
        return []
    ends = [start for start, _, _ in starts[1:]] + [len(lines)]
    return [
        _section(heading, "\n".join(lines[after:end]).strip(), front, shown, body_line + start)
        for (start, after, heading), end in zip(starts, ends, strict=True)
    ]


def _marked_up(token: Token) -> list[Token]:
    """Return the parts of a line that may hold HTML, a link or an image: each begins with one of two characters."""
    if token.type != "inline" or not ("<" in token.content or "[" in token.content):
        return []
    return [part for line in _INLINE.parseInline(token.content) for part in line.children or ()]


def _section(heading: str, text: str, front: FrontMatter, shown: str, line: int) -> Section:
    match = _HEADING.match(heading)
    if match is None:
        raise DocumentError(shown, "the heading has no attributes", "End it with '{#id .role}'.", line=line)
    if not text:
        raise DocumentError(shown, "the section is empty", "Write it, or remove its heading.", line=line)
    name, roles, values = _attributes(match["attributes"], shown, line)
    try:
        return Section.model_validate(
            {
                "id": name,
                "heading": match["heading"],
                "role": _role(roles, shown, line),
                "task": values.get("task"),
                "text": text,
                "vehicles": _vehicles(values.get("vehicles"), front, shown, line),
                "facts": tuple(values.get("facts", "").split()),
                "sources": _sources(values.get("sources"), front, shown, line),
                "claims": front.claims.model_dump() | {key: values[key] for key in _CLAIM_KEYS & values.keys()},
                "line": line,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        _refuse(shown, first, ".".join(str(part) for part in first["loc"]), line)


def _attributes(source: str, shown: str, line: int) -> tuple[str, list[str], dict[str, str]]:
    try:
        words = _words(source)
    except ValueError as error:
        raise DocumentError(shown, f"the section attributes can't be read ({error})", "Close every quote.", line=line) from error
    name, roles, values = "", [], {}
    for word in words:
        key, equals, value = word.partition("=")
        if word.startswith("#"):
            name = word[1:]
        elif word.startswith("."):
            roles.append(word[1:])
        elif equals and key in _KEYS:
            values[key] = value
        else:
            raise DocumentError(
                shown,
                f"the section attribute {word!r} is not known",
                f"Known are #id, .role and {', '.join(sorted(_KEYS))}.",
                line=line,
                field=key,
            )
    return name, roles, values


def _words(source: str) -> list[str]:
    """Do what `shlex.split` does, which takes its time, and leave the unusual to it. Raises `ValueError`."""
    if _ATTRIBUTES.fullmatch(source.lstrip()):
        return [word.replace('"', "") for word in re.findall(_ATTRIBUTE, source)]
    return shlex.split(source)


def _role(roles: list[str], shown: str, line: int) -> Role:
    if len(roles) != 1 or roles[0] not in {role.value for role in Role}:
        found = " ".join(roles) or "none"
        raise DocumentError(
            shown,
            f"a section has exactly one role (found: {found})",
            f"Choose one of: {', '.join(Role)}.",
            line=line,
            field=".role",
        )
    return Role(roles[0])


def _vehicles(value: str | None, front: FrontMatter, shown: str, line: int) -> tuple[VehicleScope, ...]:
    """Return the section's cars: the named ones, or none for "*", which holds for any car."""
    if value is None and front.vehicles and front.kind == "tutorial":
        raise DocumentError(
            shown,
            "the section does not say for which cars it holds",
            'Add vehicles="…" with cars of the page, or "*".',
            line=line,
            field="vehicles",
        )
    if value is None:
        return front.vehicles
    if value.strip() == "*":
        return ()
    scopes = []
    for label in (part.strip() for part in value.split(";")):
        plain, _, energy = label.partition(" (")
        found = [scope for scope in front.vehicles if label == scope.label]
        found = found or [
            scope for scope in front.vehicles if plain == f"{scope.model} {scope.generation}" and (not energy or not scope.energy)
        ]
        if not found:
            raise DocumentError(
                shown,
                f"the section names {label!r}, which is not among the page's cars",
                "Add the car to the front matter's vehicles, or correct it.",
                line=line,
                field="vehicles",
            )
        scopes.append(found[0].model_copy(update={"energy": energy.rstrip(")")}) if energy else found[0])
    return tuple(scopes)


def _sources(value: str | None, front: FrontMatter, shown: str, line: int) -> tuple[Source, ...]:
    if value is None:
        return front.sources
    try:
        numbers = [int(number) for number in value.split()]
        if min(numbers, default=1) < 1:
            raise IndexError  # noqa: TRY301  Python would count from the end
        return tuple(front.sources[number - 1] for number in numbers)
    except (ValueError, IndexError) as error:
        raise DocumentError(
            shown,
            f"the sources {value!r} are not numbers of the page's list",
            f"The page has sources 1 to {len(front.sources)}.",
            line=line,
            field="sources",
        ) from error
