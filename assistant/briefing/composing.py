"""Makes a briefing from passages of the sales index: every sentence with its source, within the minutes there are.

Every sentence is a page's own; where a chat model is configured it may tell some parts in its words, each sentence checked.

Input: a `BriefingRequest`. Output: a `Briefing`. Next: `rendering.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rapidfuzz import process

from assistant.answer import Citation, Statement
from assistant.assistant import Assistant
from assistant.briefing.model import WORDS_A_MINUTE, Briefing, BriefingError, BriefingRequest, NeverSay, Section
from assistant.briefing.plan import CarCushions, Idea, Plan
from assistant.composing.draft import Drafted
from assistant.policy import rule_in_words
from assistant.release import Release
from assistant.understanding import clean
from knowledge.document import Role
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, holds_for

_LONGEST = 2_000  # characters of the customer's words
# Shares of the words; the order is that of the page. The first sentence of each comes first, so one minute has them all.
_SHARES = {"hook": 1.0, "car": 1.0, "story": 2.0, "how": 2.0, "test-drive": 1.5, "fits": 2.0, "objections": 1.5, "ask": 0.7}
_NEVER_SHARE = 1.2
_FULL, _MOST = 0.97, 1.1  # of the words for the minutes
# What a chat model may tell in its words: how things work and what fits. Stories, claims and objections stay as written.
_RETOLD = ("how", "fits")
_AS_LONG = 0.1  # by how much a part in other words may be longer or shorter, so that the minutes still hold
_PRICES = ("price", "discount", "financing", "trade-in", "delivery")
# What is most often said wrong of the cushions, in this order; then what else the page warns of for the car.
_FIRST_NEVER = (
    "new-hydropneumatic",
    "raises-levels",
    "sensors",
    "roll",
    "every-citroen",
    "unknown-cars",
    "c5-aircross-2025",
    "lifetime",
)


@dataclass
class _Part:
    """The sentences that a part may still take, each with its passage, and those it took."""

    share: float
    waiting: Iterator[Drafted]
    taken: list[Drafted] = field(default_factory=list)
    words: int = 0


def brief(assistant: Assistant, request: BriefingRequest) -> Briefing:
    """Return the briefing for a car and a customer. Raises `BriefingError`, `QuestionError`, `SnapshotError`."""
    with assistant.release() as release:
        plan = release.briefing
        customer = clean(request.customer, _LONGEST) if request.customer.strip() else ""
        vehicle, assumed = find_vehicle(request.vehicle, release)
        language = next(code for code in (request.language, *release.catalogue.order(request.language)) if code in plan.headings)
        idea = plan.idea_for(customer)
        cushions = plan.cushions_of(vehicle)
        parts = _parts(release, vehicle, idea, cushions, language)
        never = _Part(share=_NEVER_SHARE, waiting=iter(_never_say(release, vehicle, language)))
        _fill({"never-say": never, **parts}, request.minutes * WORDS_A_MINUTE)
        for role in _RETOLD:
            _retell(assistant, parts[role], plan.headings[language][role], vehicle, language)
        rule = rule_in_words(customer, release.rules, "sales") if customer else None
        rules = (rule.rule,) if rule and rule.rule in _PRICES else ()
        return _briefing(release, request, vehicle, idea, cushions, parts, never, language, assumed=assumed, rules=rules)


def find_vehicle(named: str, release: Release) -> tuple[Vehicle, bool]:
    """Return the car, and whether its generation is only assumed to be the newest. Raises `BriefingError`."""
    vehicle = release.recognition.find(named[:200])
    if vehicle is None:
        models = [model.model for model in release.lexicon.cars.models]
        near = ", ".join(name for name, _, _ in process.extract(named[:60], models, limit=3))
        message = f"{named[:60]!r} is no Citroën that the pages know. The nearest are: {near}."
        raise BriefingError(message)
    if vehicle.generation:
        return vehicle, False
    model = release.lexicon.cars.by_name[vehicle.model]
    sold = release.lexicon.cars.generations_in(vehicle.model, vehicle.year) if vehicle.year else ()
    newest = next(known for known in reversed(sold or model.generations) if not known.market_own or len(model.generations) == 1)
    found = Vehicle(model=vehicle.model, generation=newest.generation, year=vehicle.year, energy=vehicle.energy)
    return found, len(model.generations) > 1


def passages(release: Release, names: tuple[str, ...], vehicle: Vehicle, language: str, roles: tuple[Role, ...]) -> list[Chunk]:
    """Return the passages of pages or sections, in that order, that hold for the car and foretell nothing."""
    found: dict[str, Chunk] = {}
    for name in names:
        document, _, section = name.partition("#")
        for chunk in release.index.chunks.values():
            fits = chunk.document_id == document and section in ("", chunk.section_id) and chunk.language == language
            told = not roles or chunk.role in roles
            if fits and told and holds_for(chunk.vehicles, vehicle) and chunk.claims.status != "forecast":
                found.setdefault(chunk.id, chunk)
    return list(found.values())


def _parts(release: Release, vehicle: Vehicle, idea: Idea, cushions: CarCushions, language: str) -> dict[str, _Part]:
    def pages(*names: str, roles: Iterable[Role] = ()) -> list[Chunk]:
        return passages(release, names, vehicle, language, tuple(roles))

    has = cushions.has == "with"
    car = pages(*([cushions.passage] if cushions.passage else []))
    stated = [chunk for chunk in pages("phc-cars") if chunk.vehicles and chunk.role is Role.MODELS]
    page = f"car-{vehicle.model.lower().replace(' ', '-')}"
    sources = {
        "hook": pages("sales-story", roles=[Role.HOOK]) if has else pages("advanced-comfort"),
        "car": [*car, *(stated if cushions.has != "not-stated" else pages("phc-cars#overview")), *pages(page)],
        "story": pages("phc-origin#rally", "sales-story#part-2", "sales-story#short", "phc-origin", "sales-story#part-1")
        if has
        else pages("heritage-line", "advanced-comfort"),
        "how": pages("phc-what", "sales-story#image-cushions", "sales-story#part-3")
        if has
        else pages("advanced-comfort-seats", "ride-basics"),
        "test-drive": _own_first(pages("sales-test-drive", roles=[Role.TEST_DRIVE])),
        "fits": [chunk for name in idea.fits for chunk in pages(name)],
        "objections": pages(
            *(f"sales-objections#{name}" for name in idea.objections), "sales-objections", roles=[Role.OBJECTION]
        ),
        "ask": pages(*(f"sales-test-drive#{name}" for name in idea.ask), "sales-test-drive", roles=[Role.ASK]),
    }
    if not has:
        sources["test-drive"] = [chunk for chunk in sources["test-drive"] if chunk.vehicles] or pages(
            "sales-test-drive#no-figures"
        )
    used: set[str] = set()
    return {role: _Part(share=_SHARES[role], waiting=_sentences(chunks, used)) for role, chunks in sources.items()}


def _own_first(chunks: list[Chunk]) -> list[Chunk]:
    return sorted(chunks, key=lambda chunk: not chunk.vehicles)


def _sentences(chunks: list[Chunk], used: set[str]) -> Iterator[Drafted]:
    """Yield the sentences of passages, each once over the whole briefing, in order; steps of a list are left out."""
    for chunk in chunks:
        for sentence in (found.text for found in sentences(chunk.text, chunk.language) if found.step is None):
            if sentence not in used and not sentence[:1].isdigit() and not sentence.startswith(("-", "*", "|")):
                used.add(sentence)
                yield Drafted(text=sentence, chunk=chunk)


def _never_say(release: Release, vehicle: Vehicle, language: str) -> list[Drafted]:
    """Return each claim to keep from as its heading with the first reason, the commonest and the car's own first."""
    chunks = passages(release, ("sales-never-say",), vehicle, language, (Role.NEVER_SAY,))
    order = {name: place for place, name in enumerate(_FIRST_NEVER)}
    chunks.sort(key=lambda chunk: (order.get(chunk.section_id, len(order)), not chunk.vehicles))
    return [Drafted(text=sentences(chunk.text, language)[0].text, chunk=chunk) for chunk in chunks if chunk.part == 1]


def _fill(parts: dict[str, _Part], words: int) -> None:
    """Give each part its first sentence, then the part that is furthest behind its share the next, until the words are full."""
    total = 0
    for part in parts.values():
        total += _take(part, round(_MOST * words) - total)
    open_parts = list(parts.values())
    while open_parts and total < _FULL * words:
        part = min(open_parts, key=lambda one: one.words / one.share)
        added = _take(part, round(_MOST * words) - total)
        total += added
        if not added:
            open_parts.remove(part)


def _take(part: _Part, most: int) -> int:
    """Move the next sentence that is short enough from what waits to what is taken; return its words, 0 when there is none."""
    for drafted in part.waiting:
        count = len(drafted.text.split())
        if drafted.chunk.role is Role.NEVER_SAY:
            count += len(drafted.chunk.section.split())
        if count <= most:
            part.taken.append(drafted)
            part.words += count
            return count
    return 0


def _retell(assistant: Assistant, part: _Part, heading: str, vehicle: Vehicle, language: str) -> None:
    """Put a part into the chat model's words, where there is one and it keeps to the length."""
    told = assistant.retold(tuple(part.taken), question=heading, vehicle=vehicle, language=language)
    words = sum(len(drafted.text.split()) for drafted in told)
    if abs(words - part.words) <= _AS_LONG * part.words:
        part.taken, part.words = list(told), words


def _briefing(  # noqa: PLR0913  the pieces of one whole
    release: Release,
    request: BriefingRequest,
    vehicle: Vehicle,
    idea: Idea,
    cushions: CarCushions,
    parts: dict[str, _Part],
    never: _Part,
    language: str,
    *,
    assumed: bool,
    rules: tuple[str, ...],
) -> Briefing:
    plan: Plan = release.briefing
    phrases = plan.phrases[language]
    car = release.catalogue.phrases[language].car(vehicle, release.lexicon.cars)
    citations: dict[str, Citation] = {}

    def cite(drafted: Drafted) -> tuple[int, ...]:
        for chunk in (drafted.chunk, *drafted.also):
            quote = chunk.text if drafted.by_model else drafted.text
            citations.setdefault(chunk.id, Citation(n=len(citations) + 1, chunk=chunk, quote=quote))
        return tuple(citations[chunk.id].n for chunk in (drafted.chunk, *drafted.also))

    sections = tuple(
        Section(
            role=role,
            statements=tuple(
                Statement(
                    text=drafted.text, citations=cite(drafted), grounded=drafted.by_model or drafted.text in drafted.chunk.text
                )
                for drafted in part.taken
            ),
        )
        for role, part in parts.items()
        if part.taken
    )
    claims = tuple(
        NeverSay(claim=drafted.chunk.section.strip('«»"“” \u00a0\u202f'), why=drafted.text, citations=cite(drafted))
        for drafted in never.taken
    )
    notes = [phrases["notice"]] if language != request.language else []
    notes += [phrases["newest"].format(car=car)] if assumed else []
    notes += [phrases["hand-over"]] if rules else []
    return Briefing(
        vehicle=vehicle, car=car, cushions=cushions.has, language=language, minutes=request.minutes,
        words=sum(part.words for part in (*parts.values(), never)), idea=idea.id, idea_title=idea.title[language],
        notes=tuple(notes), sections=sections, never_say=claims, citations=tuple(citations.values()), rules=rules,
        headings=plan.headings[language], phrases=phrases,
    )  # fmt: skip
