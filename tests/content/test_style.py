"""The linter of pages: each kind of problem is found on a page that has it, with file, line and cure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.facts import FactList, unexplained
from knowledge.ingest import LEXICON, PAGES
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.settings import SHIPPED_CORPUS
from knowledge.style import Problem, problems_of

PAGE = "en/tutorial/speed-limiter.md"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus with one page."""
    folder = tmp_path / "corpus"
    shutil.copytree(SHIPPED_CORPUS, folder, ignore=shutil.ignore_patterns("pages", "vectors.npz"))
    (folder / PAGES / PAGE).parent.mkdir(parents=True)
    shutil.copy(SHIPPED_CORPUS / PAGES / PAGE, folder / PAGES / PAGE)
    return folder


def _problems(corpus: Path, old: str, new: str) -> list[Problem]:
    path = corpus / PAGES / PAGE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    loaded = load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES)
    assert not loaded.failures
    return problems_of(list(loaded.documents), corpus)


def _first_sentence(corpus: Path) -> str:
    body = (corpus / PAGES / PAGE).read_text(encoding="utf-8").split("---", 2)[2]
    line = next(line for line in body.splitlines() if line and not line.startswith("#"))
    return line.split(". ")[0]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("It keeps the car below a speed", "points back"),
        ("The limiter costs 300 euros", "price"),
        ("The limiter is guaranteed to work", "promise"),
        ("The limiter is the best on the market", "superlative"),
        ("The limiter " + "really " * 40 + "works", "long sentence"),
        ("The signature is Inspiré par vous", "locked phrase"),
    ],
)
def test_what_a_page_may_not_say_is_named_with_its_file(said: str, rule: str, corpus: Path) -> None:
    found = _problems(corpus, _first_sentence(corpus), said)

    assert rule in [problem.rule for problem in found]
    assert all(problem.path.endswith("speed-limiter.md") and problem.line >= 1 for problem in found)


def test_a_sound_page_has_no_problem(corpus: Path) -> None:
    assert _problems(corpus, "speed", "speed") == []


def test_a_fact_that_is_not_in_the_list_is_named(corpus: Path) -> None:
    found = _problems(corpus, 'facts="t-1.01', 'facts="t-99.01 t-1.01')

    assert [problem.rule for problem in found] == ["unknown fact"]
    assert "t-99.01" in found[0].text


def test_a_section_that_rests_on_nothing_is_named(corpus: Path) -> None:
    path = corpus / PAGES / PAGE
    heading = next(line for line in path.read_text(encoding="utf-8").splitlines() if 'facts="' in line)
    start = heading.index(' facts="')
    bare = heading[:start] + heading[heading.index('"', start + 8) + 1 :]

    assert "no fact" in [problem.rule for problem in _problems(corpus, heading, bare)]


def test_facts_that_no_page_uses_need_a_reason_and_used_ones_none(corpus: Path) -> None:
    loaded = load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES)
    facts = FactList.model_validate(
        {"groups": {"t-1": {"about": "speed limiter", "facts": 99}}, "unused": {"t-1.01": "no", "t-1.98": "told elsewhere"}}
    )

    told = unexplained(list(loaded.documents), facts)

    assert any(line.startswith("t-1.99: no page uses it") for line in told)
    assert any(line.startswith("t-1.01: facts.yaml excuses it") for line in told)
    assert not any(line.startswith("t-1.98") for line in told)
