"""Groups what people cannot use, and what was not answered, into needs; sizes, checks and ranks them.

Input: remarks of two quarters. Output: `Need`s, the most wanted and least answered first. Demand is the number of distinct
people; gap is how far the knowledge is from answering (0 answered well … 1 not there); the score is their product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import binomtest

from evals.demand.coverage import GAP, Outcome, Probe
from evals.demand.grouping import group, names_of
from evals.demand.understanding import Remark
from knowledge.embedding import Vectors

Trend = Literal["up", "down", "noise", "new", "gone"]
Embed = Callable[[list[str]], Vectors]
REST = "other"  # the id under which remarks count that no feature names and that were not grouped
_PROBES = 5
_DRAWS, _SEED = 1000, 8
_SURE = 0.05
_GROUPED = 2000  # remarks without a feature that are grouped at most; the rest, and those without a vector, count as "other"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that people need. `people` is this quarter's distinct people, `before` last quarter's.

    `words` name it where no feature does. `low` and `high` are the score's 90 % interval. `status` comes from a decision.
    """

    id: str
    feature: str | None
    words: tuple[str, ...]
    remarks: tuple[Remark, ...]
    people: int
    before: int
    trend: Trend
    probes: tuple[Probe, ...] = ()
    low: float = 0.0
    high: float = 0.0

    @property
    def gap(self) -> float:
        """How far the knowledge is from answering, from 0 (well) to 1 (not there)."""
        return sum(GAP[probe.outcome] for probe in self.probes) / len(self.probes) if self.probes else 1.0

    @property
    def score(self) -> float:
        """Demand x gap: people who are not helped."""
        return self.people * self.gap

    @property
    def verdict(self) -> Outcome:
        """What most probes met; of equals the worse."""
        counted = Counter(probe.outcome for probe in self.probes)
        return max(("absent", "badly", "well"), key=lambda outcome: counted[outcome]) if counted else "absent"

    @property
    def cars(self) -> tuple[tuple[str, int], ...]:
        """The cars that the remarks name, with how many people name each, most first."""
        named = {(remark.person, remark.car.model) for remark in self.remarks if remark.car}
        return tuple(Counter(model for _, model in named).most_common())


def needs_of(remarks: Sequence[Remark], before: Sequence[Remark], embed: Embed) -> list[Need]:
    """Return the needs behind `remarks` of one quarter, `before` being those of the quarter before; not yet checked.

    Remarks that name a feature belong to it; the others are grouped by what they say.
    """
    both = [*remarks, *before]
    keys = _keys(both, embed)
    now, then = keys[: len(remarks)], keys[len(remarks) :]
    needs = []
    for key in dict.fromkeys(keys):
        own = tuple(remark for remark, its in zip(remarks, now, strict=True) if its == key)
        people = len({remark.person for remark in own})
        earlier = len({remark.person for remark, its in zip(before, then, strict=True) if its == key})
        if own:
            feature = own[0].feature
            needs.append(
                Need(
                    id=key[0], feature=feature, words=key[1], remarks=own, people=people, before=earlier,
                    trend=trend_of(people, earlier, had_before=bool(before)),
                )
            )  # fmt: skip
    return sorted(needs, key=lambda need: (-need.people, need.id))


def _keys(remarks: Sequence[Remark], embed: Embed) -> list[tuple[str, tuple[str, ...]]]:
    """Return the id and the naming words of the need each remark belongs to."""
    loose = [place for place, remark in enumerate(remarks) if remark.feature is None and remark.fully][:_GROUPED]
    texts = [remarks[place].text for place in loose]
    groups = group(texts, [remarks[place].language for place in loose], embed(texts)) if loose else np.zeros(0, dtype=np.int64)
    names = names_of(texts, groups) if loose else {}
    keys: list[tuple[str, tuple[str, ...]]] = [(remark.feature or REST, ()) for remark in remarks]
    for place, number in zip(loose, groups.tolist(), strict=True):
        keys[place] = ("-".join(names[number]) or REST, names[number])
    return keys


def trend_of(people: int, before: int, *, had_before: bool) -> Trend:
    """Say whether two counts differ beyond chance: a two-sided binomial test of two Poisson counts, at 5 %.

    (Przyborowski & Wilenski 1940: given their sum, one of two equal Poisson counts is binomial with one half.)
    """
    if not had_before:
        return "new"
    if people + before == 0 or binomtest(people, people + before, 0.5).pvalue >= _SURE:
        return "noise"
    return "up" if people > before else "down"


def asked_of(need: Need, count: int = _PROBES) -> list[Remark]:
    """Return the remarks to ask the assistant: one a person, the surest first, different texts."""
    chosen: dict[str, Remark] = {}
    texts: set[str] = set()
    for remark in sorted(need.remarks, key=lambda remark: (-remark.certainty, remark.number)):
        if remark.person not in chosen and remark.text not in texts:
            chosen[remark.person] = remark
            texts.add(remark.text)
    return list(chosen.values())[:count]


def interval(people: int, probes: Sequence[Probe]) -> tuple[float, float]:
    """Return the 90 % interval of demand x gap: people drawn from a Poisson law, probes drawn with replacement (seeded)."""
    draws = np.random.default_rng(_SEED)
    gaps = np.array([GAP[probe.outcome] for probe in probes] or [1.0])
    demand = draws.poisson(people, _DRAWS)
    gap = draws.choice(gaps, (_DRAWS, len(gaps))).mean(axis=1)
    low, high = np.percentile(demand * gap, [5, 95])
    return math.floor(low * 10) / 10, math.ceil(high * 10) / 10


def ranked(needs: Sequence[Need]) -> list[Need]:
    """Return checked needs, the greatest demand x gap first; of equals the greater demand."""
    return sorted(needs, key=lambda need: (-need.score, -need.people, need.id))
