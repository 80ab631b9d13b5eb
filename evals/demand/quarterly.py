"""The report of one quarter, as figures: `Quarter`. How it looks is `rendering.py`'s job.

Input: the ledger, the reader of remarks and the assistant that customers get. Output: what changed, the tutorials to make, what
to pass on to the product team and the network, best and worst ratings, markets and languages. Changes within chance are "noise".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evals.demand.counts import Sum, read_ledger
from evals.demand.coverage import FeaturesOfPage, Reply, probe
from evals.demand.decisions import NeedDecision, decisions_in, merged_into
from evals.demand.ledger import Ledger
from evals.demand.needs import REST, Embed, Need, Trend, asked_of, interval, needs_of, ranked, trend_of
from evals.demand.remark_lexicon import Kind, RemarkLexicon
from evals.demand.review import DemandError, Review, previous_quarter, quarter_of
from evals.demand.understanding import FULL, Progress, Remark, RemarkReader

_CHECKED = 40  # needs that are put to the assistant; what fewer people want than those can't reach the first five
_TOPICS, _QUOTES, _RATED = 12, 3, 5
Numbered = tuple[int, Review]


@dataclass(frozen=True, kw_only=True)
class Change:
    """How many people, this quarter and the one before, and whether that differs beyond chance."""

    name: str
    people: int
    before: int
    trend: Trend


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Remarks of one feature to pass on."""

    name: str
    people: int
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """Everything the report of a quarter says. Quotes in it are redacted; hateful words are masked when it is rendered."""

    quarter: str
    total: Sum
    reviews: int
    undated: int
    remarks: int
    read_fully: int
    agreement: float | None
    hateful: int
    kinds: tuple[Change, ...]
    needs: tuple[Need, ...]
    decisions: dict[str, NeedDecision]
    product: tuple[Topic, ...]
    network: tuple[Remark, ...]
    network_people: int
    best: tuple[Numbered, ...]
    worst: tuple[Numbered, ...]
    markets: tuple[tuple[str, int, float | None], ...]
    languages: tuple[tuple[str, int], ...]

    @property
    def tutorials(self) -> tuple[Need, ...]:
        """The tutorials to make next: five at most, neither answered well nor dismissed, nor the rest that was not grouped."""
        dismissed = {need for need, decision in self.decisions.items() if decision.choice == "dismiss"}
        return tuple(
            need for need in self.needs if need.verdict != "well" and need.score > 0 and need.id not in {*dismissed, REST}
        )[:5]

    @property
    def answered(self) -> tuple[Need, ...]:
        """Needs that were accepted as tutorials and that the knowledge answers well by now."""
        accepted = {need for need, decision in self.decisions.items() if decision.choice == "accept"}
        return tuple(need for need in self.needs if need.id in accepted and need.verdict == "well")


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What needs are checked against: the assistant's replies, and which features a page is about."""

    reply: Reply
    features_of: FeaturesOfPage


def report_quarter(
    quarter: str | None, ledger: Ledger, reader: RemarkReader, embed: Embed, knowledge: Knowledge, *,
    full: int = FULL, progress: Progress | None = None,
) -> Quarter:  # fmt: skip
    """Return the report of `quarter` ("2026Q3"), or of the latest that has reviews. Raises `LedgerError`, `DemandError`."""
    kept = read_ledger(ledger)
    dated = [(number, review, quarter_of(review.day)) for number, review in kept.reviews]
    known = sorted({name for _, _, name in dated if name})
    if not known and quarter is None:
        message = "There are no dated reviews yet. Import an export with 'brand-assistant demand import FILE'."
        raise DemandError(message)
    chosen = quarter or known[-1]
    now = [(number, review) for number, review, name in dated if name == chosen]
    then = [(number, review) for number, review, name in dated if name == previous_quarter(chosen)]
    reading = reader.read([*now, *then], full=full, progress=progress)
    numbers = {number for number, _ in now}
    remarks = [remark for remark in reading.remarks if remark.number in numbers]
    before = [remark for remark in reading.remarks if remark.number not in numbers]
    decisions = decisions_in(ledger)
    needs = _checked(_merged(needs_of(_wanting(remarks), _wanting(before), embed), decisions), knowledge, progress)
    network = tuple(remark for remark in remarks if remark.kind == "service")
    rated = sorted((item for item in now if item[1].stars is not None), key=lambda item: (item[1].stars, item[0]))
    return Quarter(
        quarter=chosen,
        total=kept.total,
        reviews=len(now),
        undated=sum(name is None for _, _, name in dated),
        remarks=len(remarks),
        read_fully=reading.fully,
        agreement=reading.agreement,
        hateful=sum(RemarkLexicon.read().masked(review.text)[1] > 0 for _, review in now),
        kinds=_changes(remarks, before),
        needs=tuple(needs),
        decisions=decisions,
        product=_topics(remarks),
        network=network[:_TOPICS],
        network_people=len({remark.person for remark in network}),
        best=_preferring_answers(rated[::-1]),
        worst=_preferring_answers(rated),
        markets=_markets(now),
        languages=tuple(Counter(remark.language for remark in remarks).most_common()),
    )


def _wanting(remarks: Sequence[Remark]) -> list[Remark]:
    """Return the remarks a tutorial may answer: what people cannot use, and questions that were not answered well."""
    return [remark for remark in remarks if remark.kind == "cannot-use" or remark.review.origin == "question"]


def _merged(needs: list[Need], decisions: dict[str, NeedDecision]) -> list[Need]:
    """Return the needs after merges: a merged need's people and words count with the other's."""
    by_id = {need.id: need for need in needs}
    for need in needs:
        target = merged_into(need.id, decisions)
        if target != need.id and target in by_id:
            gone, kept = by_id.pop(need.id), by_id[target]
            remarks = (*kept.remarks, *gone.remarks)
            people, before = len({remark.person for remark in remarks}), kept.before + gone.before
            trend = trend_of(people, before, had_before=kept.trend != "new")
            by_id[target] = replace(kept, remarks=remarks, people=people, before=before, trend=trend)
    return sorted(by_id.values(), key=lambda need: (-need.people, need.id))


def _checked(needs: list[Need], knowledge: Knowledge, progress: Progress | None) -> list[Need]:
    checked = []
    for done, need in enumerate(needs[:_CHECKED], start=1):
        probes = tuple(
            probe(
                remark.text, language=remark.language, market=remark.review.market, feature=need.feature, name=need.words,
                reply=knowledge.reply, features_of=knowledge.features_of,
            )
            for remark in asked_of(need)
        )  # fmt: skip
        low, high = interval(need.people, probes)
        checked.append(replace(need, probes=probes, low=low, high=high))
        if progress:
            progress("ask", done, min(len(needs), _CHECKED))
    return ranked(checked)


def _changes(remarks: list[Remark], before: list[Remark]) -> tuple[Change, ...]:
    order: tuple[Kind, ...] = ("cannot-use", "does-not-work", "would-like", "praise", "service", "other")
    now, then = ({kind: len({r.person for r in rows if r.kind == kind}) for kind in order} for rows in (remarks, before))
    return tuple(
        Change(name=kind, people=now[kind], before=then[kind], trend=trend_of(now[kind], then[kind], had_before=bool(before)))
        for kind in order
    )


def _topics(remarks: list[Remark]) -> tuple[Topic, ...]:
    """Return what does not work and what is wished for, by feature, the most people first."""
    by_feature: dict[tuple[str, str], list[Remark]] = {}
    for remark in remarks:
        if remark.kind in ("does-not-work", "would-like"):
            by_feature.setdefault((remark.kind, remark.feature or "other"), []).append(remark)
    topics = [
        Topic(name=f"{kind}: {feature}", people=len({remark.person for remark in rows}), remarks=tuple(rows[:_QUOTES]))
        for (kind, feature), rows in by_feature.items()
    ]
    return tuple(sorted(topics, key=lambda topic: (-topic.people, topic.name))[:_TOPICS])


def _preferring_answers(rated: list[Numbered]) -> tuple[Numbered, ...]:
    """Return the first rated answers; where answers were not rated, the first rated reviews."""
    answers = [item for item in rated if item[1].origin == "rating"]
    return tuple((answers or rated)[:_RATED])


def _markets(reviews: list[Numbered]) -> tuple[tuple[str, int, float | None], ...]:
    """Return each market with its reviews and mean stars, the most reviews first; "—" where none is said."""
    rows = []
    for market, count in Counter(review.market or "—" for _, review in reviews).most_common():
        stars = [review.stars for _, review in reviews if (review.market or "—") == market and review.stars is not None]
        rows.append((market, count, round(sum(stars) / len(stars), 2) if stars else None))
    return tuple(rows)
