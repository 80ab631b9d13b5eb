"""Measures briefings: every car of the range, every profile, both languages, one, two and five minutes."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from assistant.assistant import Assistant
from assistant.briefing.composing import brief
from assistant.briefing.model import WORDS_A_MINUTE, Briefing, BriefingRequest
from knowledge.yaml_text import parse

_WITHIN = 0.15
_LANGUAGES, _MINUTES = ("fr", "en"), (1, 2, 5)


def read_profiles(path: Path) -> dict[str, dict[str, str]]:
    """Return customers by name, in the words of each language. Raises `OSError`, `yaml.YAMLError`."""
    profiles = parse(path.read_text(encoding="utf-8"))
    if not isinstance(profiles, dict):
        message = f"{path} must map names to texts by language"
        raise yaml.YAMLError(message)
    return profiles


def read_forbidden(path: Path) -> dict[str, list[re.Pattern[str]]]:
    """Return the patterns of what no briefing may assert, by language. Raises `OSError`, `yaml.YAMLError`."""
    return {language: [re.compile(one) for one in rows] for language, rows in parse(path.read_text(encoding="utf-8")).items()}


def measure(
    assistant: Assistant, profiles: dict[str, dict[str, str]], forbidden: dict[str, list[re.Pattern[str]]]
) -> dict[str, Any]:
    """Return the shares over all briefings, each from 0 to 1, and the median milliseconds of one."""
    with assistant.release() as release:
        cars = [f"{row.model} {row.generation}" for row in release.briefing.cushions]
        stated = {f"{row.model} {row.generation}": row.has for row in release.briefing.cushions}

    hits: dict[str, list[bool]] = defaultdict(list)
    ideas: dict[tuple[str, str], set[str]] = defaultdict(set)
    asserted: set[str] = set()
    times = []
    for car in cars:
        for texts in profiles.values():
            for language in _LANGUAGES:
                for minutes in _MINUTES:
                    began = time.perf_counter()
                    request = BriefingRequest(vehicle=car, customer=texts[language], minutes=minutes, language=language)  # type: ignore[arg-type]  # one of the three
                    made = brief(assistant, request)
                    times.append((time.perf_counter() - began) * 1000)
                    hits["within its length"].append(
                        abs(made.words - minutes * WORDS_A_MINUTE) <= _WITHIN * minutes * WORDS_A_MINUTE
                    )
                    hits["grounded"].append(_grounded(made))
                    claims = _forbidden(made, forbidden[language])
                    asserted.update(claims)
                    hits["no forbidden claim"].append(not claims)
                    hits["has something never to say"].append(bool(made.never_say))
                    hits["cushions as the table says"].append(made.cushions == stated[car])
                    ideas[(car, language)].add(made.idea)
    shares = {name: round(sum(values) / len(values), 4) for name, values in hits.items()}
    spread = sum(len(found) for found in ideas.values()) / (len(ideas) * len(profiles))
    return {
        "briefings": len(times), **shares, "forbidden claims": sorted(asserted), "different ideas per profile": round(spread, 4),
        "median_ms": round(sorted(times)[len(times) // 2], 1),
    }  # fmt: skip


def _forbidden(made: Briefing, patterns: list[re.Pattern[str]]) -> list[str]:
    """Return the sentences that assert what no briefing may; answers to objections and reasons of never-says may name it."""
    said = [one.text for part in made.sections if part.role != "objections" for one in part.statements]
    return [text for text in said for pattern in patterns if pattern.search(text.lower())]


def _grounded(made: Briefing) -> bool:
    by_number = {citation.n: citation.chunk for citation in made.citations}
    said = [(statement.text, statement.citations) for section in made.sections for statement in section.statements]
    said += [(item.why, item.citations) for item in made.never_say]
    return all(text in by_number[numbers[0]].text for text, numbers in said)
