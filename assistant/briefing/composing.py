"""Makes a briefing from passages of the sales index: every sentence with its source, within the minutes there are.

Every sentence is a page's own; where a chat model is configured it may tell some parts in its words, each sentence checked.

Input: a `BriefingRequest`. Output: a `Briefing`. Before: `naming.py`, `choosing.py`. Next: `rendering.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, zip_longest

from assistant.answer import Citation
from assistant.assistant import Assistant
from assistant.briefing.choosing import FITTING, CarPages
from assistant.briefing.model import WORDS_A_MINUTE, Briefing, BriefingRequest, Line, NeverSay, Section, Verdict
from assistant.briefing.naming import NamedCar, car_name, find_car
from assistant.briefing.plan import Idea
from assistant.composing.draft import Drafted
from assistant.release import Release
from assistant.understanding import clean
from knowledge.document import Role
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle

_LONGEST = 2_000  # characters of the customer's words
# Shares of the words, in the order of the page.
_SHARES = {
    "hook": 0.8, "car": 0.8, "story": 1.6, "how": 1.2, "image": 0.5,
    "test-drive": 1.4, "fits": 1.8, "objections": 2.4, "ask": 0.8, "never-say": 1.6,
}  # fmt: skip
# Who has one minute gets the first sentence of as many parts as there is time for, in this order.
_FIRST = ("car", "hook", "never-say", "story", "image", "fits", "test-drive", "ask", "objections", "how")
_FULL, _MOST = 0.97, 1.1  # of the words for the minutes
_NO_WORRY = 0.5  # of the share of objections where the customer has named none: general ones are told, and no more
_IMAGES = 2  # sentences: one image, and whose it is
# What a chat model may tell in its words: how things work and what fits. Stories, claims and objections stay as written.
_RETOLD = ("how", "fits")
_AS_LONG = 0.1  # by how much a part in other words may be longer or shorter, so that the minutes still hold
PRICES = ("price", "discount", "financing", "trade-in", "delivery")
# Parts whose passages have what is said to the seller as their heading: an objection, a question, a claim.
_LED = ("objections", "ask", "never-say")
# Parts that speak of this car and this customer: another car has no place there.
_OF_THIS_CAR = ("test-drive", "fits", "objections", "ask", "how")


@dataclass
class _Part:
    """The passages that a part may still take sentences from, and the sentences it took."""

    share: float
    waiting: list[list[Drafted]]
    led: bool
    said: set[str]  # over the whole briefing, so that no sentence is told twice
    taken: list[Drafted] = field(default_factory=list)
    words: int = 0

    def take(self, most: int) -> int:
        """Take the next sentence, if there are words left for it; return its words, 0 when there is none.

        Where a sentence is too long, what follows it in its passage is left too: it may lean on it.
        """
        while self.waiting:
            if not self.waiting[0]:
                self.waiting.pop(0)
                continue
            drafted = self.waiting[0].pop(0)
            if drafted.text in self.said:  # the passage is told elsewhere
                self.waiting.pop(0)
                continue
            words = len(drafted.text.split())
            if self.led and drafted.chunk not in [one.chunk for one in self.taken]:
                words += len(lead(drafted.chunk).split())
            if words > most:
                self.waiting.pop(0)
                continue
            self.said.add(drafted.text)
            self.taken.append(drafted)
            self.words += words
            return words
        return 0


def brief(assistant: Assistant, request: BriefingRequest) -> Briefing:
    """Return the briefing for a car and a customer. Raises `BriefingError`, `QuestionError`, `SnapshotError`."""
    with assistant.release() as release:
        plan = release.briefing
        customer = clean(request.customer, _LONGEST) if request.customer.strip() else ""
        language = next(code for code in (request.language, *release.catalogue.order(request.language)) if code in plan.headings)
        car = find_car(request.vehicle, release, language)
        ideas = plan.ideas_for(customer)
        parts, silent = _parts(release, car, ideas, language)
        verdict = plan.phrases[language][car.cushions.has]
        _fill(parts, request.minutes * WORDS_A_MINUTE - len(verdict.split()))
        for role in _RETOLD:
            _retell(assistant, parts[role], plan.headings[language][role], car.vehicle, language)
        rules = rules_on(f"{request.vehicle[:_LONGEST]} {customer}", PRICES, release)
        notes = _notes(release, car, language, foreign=language != request.language, silent=silent, priced=bool(rules))
        return _briefing(release, request, car, ideas[0], parts, language, notes=notes, rules=rules)


def lead(chunk: Chunk) -> str:
    """Return the heading of a passage without its quotation marks: an objection, a question, a claim."""
    return chunk.section.strip('«»"“” \u00a0\u202f')


def rules_on(text: str, names: tuple[str, ...], release: Release) -> tuple[str, ...]:
    """Return which of the named rules act on a text by its words, in the order of the table."""
    acting = (rule for rule in release.rules.table if rule.rule in names and rule.binds("sales") and rule.acts_on(text))
    return tuple(rule.rule for rule in acting)


def _parts(release: Release, car: NamedCar, ideas: tuple[Idea, ...], language: str) -> tuple[dict[str, _Part], bool]:
    """Return the parts with all they may tell, and whether nothing of this car's own fits the customer."""
    pages = CarPages(release, car, language)
    idea, has = ideas[0], car.cushions.has == "with"
    general = release.briefing.parts["with" if has else "otherwise"]
    fitting = pages.passages(idea.fits, roles=FITTING)
    of_the_car = [chunk for chunk in pages.passages([pages.page], roles=(*FITTING, Role.LIMITS)) if chunk.vehicles]
    suspension = [chunk for chunk in of_the_car if pages.speaks_of_cushions(chunk.text)]
    own = [chunk for chunk in of_the_car if chunk not in suspension]
    drives = [chunk for chunk in pages.passages(["sales-test-drive"], roles=(Role.TEST_DRIVE,)) if chunk.vehicles]
    worries = [one for one in _in_turn(pages, [each.objections for each in ideas[:2]]) if pages.told(one)]
    chosen = {
        "hook": pages.passages([*idea.hook, *general["hook"]]),
        "car": [*pages.own(car.cushions.passages), *own],
        "story": pages.passages(general["story"]),
        "how": pages.passages(general["how"]),
        "image": pages.passages([*idea.image, *general["image"]]),
        "test-drive": [*pages.passages(idea.drive), *drives, *pages.passages(general["test-drive"])],
        "fits": [*fitting, *([] if has else own), *pages.passages(general["fits"])],
        "objections": [*worries, *pages.passages(general["objections"])],
        "ask": [*_in_turn(pages, [one.ask for one in ideas[:2]]), *pages.passages(general["ask"])],
        "never-say": _never_say(pages, car, ideas, general["never-say"]),
    }
    said: set[str] = set()
    parts = {
        role: _Part(share=share, waiting=_sentences(pages, role, chosen[role]), led=role in _LED, said=said)
        for role, share in _SHARES.items()
    }
    if not worries:
        parts["objections"].share *= _NO_WORRY
    near = [one for one in (*fitting, *worries) if pages.told(one)]
    of_its_own = any(one.vehicles or pages.speaks_of_cushions(one.text) for one in near)
    return parts, bool(idea.cues) and not of_its_own


def _never_say(pages: CarPages, car: NamedCar, ideas: tuple[Idea, ...], general: tuple[str, ...]) -> list[Chunk]:
    """Return claims to keep from: the car's own, those near the customer's wishes, the commonest, then what else the page has.

    What is wrong to say of the cushions is left out where the car has none, but for the claim that it has.
    """
    named = pages.own([*car.cushions.never, *general])
    near = pages.passages(chain.from_iterable(idea.never for idea in ideas[:2]))
    rest = pages.passages(["sales-never-say"])
    sifted = {
        chunk.id: car.cushions.has == "with" or not pages.speaks_of_cushions(f"{chunk.section} {chunk.text}")
        for chunk in (*near, *rest)
    } | {chunk.id: True for chunk in named}
    first = len(car.cushions.never)
    ordered = dict.fromkeys(chunk.id for chunk in (*named[:first], *near, *named[first:], *rest))
    by_id = {chunk.id: chunk for chunk in (*named, *near, *rest)}
    return [by_id[one] for one in ordered if sifted[one] and by_id[one].part == 1]


def _in_turn(pages: CarPages, names: list[tuple[str, ...]]) -> list[Chunk]:
    """Return passages that the ideas name, one of each in turn: the first worry of the customer, then the second."""
    rows = zip_longest(*(pages.passages(one) for one in names))
    return [chunk for row in rows for chunk in row if chunk is not None]


def _sentences(pages: CarPages, role: str, chunks: list[Chunk]) -> list[list[Drafted]]:
    """Return what each passage may tell. Of a claim to avoid, the first reason."""
    if role == "never-say":
        return [[Drafted(text=sentences(chunk.text, chunk.language)[0].text, chunk=chunk)] for chunk in chunks]
    told = [(chunk, pages.told(chunk, of_this_car=role in _OF_THIS_CAR, of_the_cushions=role == "car")) for chunk in chunks]
    return [[Drafted(text=text, chunk=chunk) for text in texts] for chunk, texts in told if texts]


def _fill(parts: dict[str, _Part], words: int) -> None:
    """Give each part its first sentence, then the part that is furthest behind its share the next, until the words are full."""
    total = 0
    for role in _FIRST:
        total += parts[role].take(round(_MOST * words) - total)
    open_parts = list(parts.values())
    while open_parts and total < _FULL * words:
        part = min(open_parts, key=lambda one: one.words / one.share)
        enough = part is parts["image"] and len(part.taken) >= _IMAGES
        added = 0 if enough else part.take(round(_MOST * words) - total)
        total += added
        if not added:
            open_parts.remove(part)


def _retell(assistant: Assistant, part: _Part, heading: str, vehicle: Vehicle, language: str) -> None:
    """Put a part into the chat model's words, where there is one and it keeps to the length."""
    told = assistant.retold(tuple(part.taken), question=heading, vehicle=vehicle, language=language)
    words = sum(len(drafted.text.split()) for drafted in told)
    if abs(words - part.words) <= _AS_LONG * part.words:
        part.taken, part.words = list(told), words


def _notes(release: Release, car: NamedCar, language: str, *, foreign: bool, silent: bool, priced: bool) -> tuple[str, ...]:
    phrases = release.briefing.phrases[language]
    name = release.catalogue.phrases[language].car(car.vehicle, release.lexicon.cars)
    energy = phrases[car.vehicle.energy] if car.vehicle.energy else ""
    notes = {
        phrases["notice"]: foreign,
        phrases[car.chosen].format(car=name, year=car.year) if car.chosen != "named" else "": car.chosen != "named",
        phrases["no-energy"].format(energy=energy): car.no_energy,
        phrases["silent"]: silent,
        phrases["hand-over"]: priced,
    }
    return tuple(note for note, holds in notes.items() if holds)


def _briefing(
    release: Release,
    request: BriefingRequest,
    car: NamedCar,
    idea: Idea,
    parts: dict[str, _Part],
    language: str,
    *,
    notes: tuple[str, ...],
    rules: tuple[str, ...],
) -> Briefing:
    phrases = release.briefing.phrases[language]
    citations: dict[str, Citation] = {}

    def cite(drafted: Drafted) -> tuple[int, ...]:
        for chunk in (drafted.chunk, *drafted.also):
            quote = chunk.text if drafted.by_model else drafted.text
            citations.setdefault(chunk.id, Citation(n=len(citations) + 1, chunk=chunk, quote=quote))
        return tuple(citations[chunk.id].n for chunk in (drafted.chunk, *drafted.also))

    def line(part: _Part, place: int) -> Line:
        drafted = part.taken[place]
        begins = part.led and drafted.chunk not in [one.chunk for one in part.taken[:place]]
        grounded = drafted.by_model or drafted.text in drafted.chunk.text
        return Line(text=drafted.text, citations=cite(drafted), grounded=grounded, lead=lead(drafted.chunk) if begins else "")

    verdict = Verdict(text=phrases[car.cushions.has], citations=cite(parts["car"].taken[0]))
    told = {role: part for role, part in parts.items() if part.taken and role != "never-say"}
    sections = tuple(
        Section(role=role, statements=tuple(line(part, place) for place in range(len(part.taken)))) for role, part in told.items()
    )
    claims = tuple(NeverSay(claim=lead(one.chunk), why=one.text, citations=cite(one)) for one in parts["never-say"].taken)
    without = car.cushions.has != "with" and idea.otherwise
    return Briefing(
        vehicle=car.vehicle, car=car_name(car, release, language), cushions=car.cushions.has, verdict=verdict, language=language,
        minutes=request.minutes, words=sum(part.words for part in parts.values()) + len(verdict.text.split()), idea=idea.id,
        idea_title=(idea.otherwise if without else idea.title)[language], notes=notes, sections=sections, never_say=claims,
        citations=tuple(citations.values()), rules=rules, headings=release.briefing.headings[language], phrases=phrases,
    )  # fmt: skip
