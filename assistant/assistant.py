"""The assistant of one audience. `stream` reads in the order in which a question travels.

understand → check the rules → retrieve → decide → compose → verify → record
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

from assistant.answer import Answer, Decision, Delta, Done, Event, Question, Started
from assistant.catalogue import Phrases
from assistant.composing.draft import Block, Rendering, render
from assistant.composing.extractive import compose
from assistant.conversation import Conversation
from assistant.decision import Verdict, decide
from assistant.grounding import verify
from assistant.language import identify
from assistant.policy import rule_in_meaning, rule_in_words
from assistant.records import Records
from assistant.release import Release
from assistant.rules import Rule
from assistant.settings import Settings
from assistant.suggestions import suggest
from assistant.timing import Timings
from assistant.understanding import QuestionError, Understood, clean, understand
from knowledge.document import Audience
from knowledge.embedding import Embedder, Vectors
from knowledge.retrieval import Query, RetrievedChunk
from knowledge.search import require_embedder
from knowledge.serving import LiveSnapshot, Snapshot
from knowledge.splitting import Chunk

_log = logging.getLogger(__name__)
_PASSAGES = 12


class Assistant:
    """Answers the questions of one audience from the live snapshot it was handed. Safe from several threads."""

    def __init__(self, live: LiveSnapshot, embedder: Embedder, records: Records, settings: Settings) -> None:
        self._live = live
        self._embedder = embedder
        self._records = records
        self._settings = settings
        self._release: Release | None = None
        self._turn = threading.Lock()

    @property
    def audience(self) -> Audience:
        """For whom this assistant speaks; fixed by the folder it was handed."""
        return self._live.audience

    def warm_up(self) -> None:
        """Do now what the first question would otherwise wait for: open the snapshot, load the models."""
        with self._live.lease() as snapshot:
            self._opened(snapshot)
        identify("bonjour")
        self._embedder.embed_query("bonjour")

    def page(self, chunk_id: str) -> tuple[Chunk, ...]:
        """Return the passages of the page that holds `chunk_id`, in reading order; empty when there is no such passage."""
        with self._live.lease() as snapshot:
            cited = snapshot.index.chunks.get(chunk_id)
            if cited is None:
                return ()
            chunks = snapshot.index.chunks.values()
            return tuple(chunk for chunk in chunks if chunk.document_id == cited.document_id and chunk.language == cited.language)

    def reply(self, question: Question) -> Answer:
        """Return the whole answer to `question`. Raises `SnapshotError`, `EmbedderError`."""
        answer: Answer | None = None
        for event in self.stream(question):
            if isinstance(event, Done):
                answer = event.answer
        assert answer is not None  # noqa: S101  every stream ends with Done
        return answer

    def stream(self, question: Question) -> Iterator[Event]:
        """Yield the answer to `question` as events: started, cited and text in turn, done. Raises as `reply` does."""
        timings = Timings()
        with self._live.lease() as snapshot:
            release = self._opened(snapshot)
            conversation = self._records.conversation(question.conversation_id, self.audience)
            yield Started(conversation_id=conversation.id)
            try:
                text = clean(question.text, self._settings.max_question_characters)
            except QuestionError as error:
                yield from self._unread(error, question, conversation, release, timings)
                return

            with timings.of("understand"):
                market = question.market or self._settings.market
                understood = understand(question, text, conversation, release, market=market)
            with timings.of("rules"):
                rule = rule_in_words(text, release.rules, self.audience)
            found: list[RetrievedChunk] = []
            if rule is None:
                with timings.of("embed"):
                    vector = self._embedder.embed_query(understood.text)
                with timings.of("rules"):
                    rule = None if understood.follows_up else self._rule_in_meaning(vector, release)
                with timings.of("retrieve"):
                    found = release.retriever.retrieve(_query(understood, vector), _PASSAGES)
            with timings.of("decide"):
                verdict = _ruled(rule, understood) if rule else decide(understood, found, release)
            with timings.of("compose"):
                blocks = compose(understood, verdict, found, release) if verdict.decision is Decision.ANSWER else []
            with timings.of("verify"):
                blocks, withheld = verify(blocks, audience=self.audience, vehicle=verdict.vehicle)
                if verdict.decision is Decision.ANSWER and not any(block.sentences for block in blocks):
                    verdict = replace(verdict, decision=Decision.DECLINE)

            rendering = Rendering()
            language = _language_of_answer(verdict, rule, understood)
            yield from render(_framed(blocks, verdict, rule, understood, language, release), rendering)
            answer = Answer(
                decision=verdict.decision,
                text=rendering.text,
                language=language,
                question_language=understood.language,
                conversation_id=conversation.id,
                statements=tuple(rendering.statements),
                citations=tuple(rendering.citations),
                choices=_choices(verdict, language, release),
                suggestions=suggest(verdict, found, language, release),
                vehicle=verdict.vehicle,
                rules=(rule.rule,) if rule else (),
                confidence=verdict.confidence,
                withheld=withheld,
                timings_ms=timings.finished(),
            )
            self._record(conversation, understood, verdict, question, answer)
            yield Done(answer=answer)

    def _opened(self, snapshot: Snapshot) -> Release:
        with self._turn:
            if self._release is None or self._release.id != snapshot.id:
                require_embedder(snapshot, self._embedder)
                self._release = Release.read(snapshot)
            return self._release

    def _rule_in_meaning(self, vector: Vectors, release: Release) -> Rule | None:
        return rule_in_meaning(vector, release.rules, release.exemplars, release.calibration, self.audience)

    def _unread(
        self, error: QuestionError, question: Question, conversation: Conversation, release: Release, timings: Timings
    ) -> Iterator[Event]:
        """Answer a question that can't be read: say why, in the language of the conversation or of the page."""
        language = release.catalogue.order(question.language or conversation.language or "fr")[0]
        phrase: str = getattr(release.catalogue.phrases[language], error.kind)
        text = phrase.format(characters=error.characters, limit=self._settings.max_question_characters)
        yield Delta(text=text)
        yield Done(
            answer=Answer(
                decision=Decision.DECLINE, text=text, language=language, question_language=language,
                conversation_id=conversation.id, timings_ms=timings.finished(),
            )
        )  # fmt: skip

    def _record(
        self, conversation: Conversation, understood: Understood, verdict: Verdict, question: Question, answer: Answer
    ) -> None:
        after = conversation.after(
            language=understood.language,
            vehicle=verdict.vehicle or understood.vehicle,
            topic=understood.topic,
            decision=verdict.decision,
            choices=verdict.choices,
        )
        self._records.add(after, question, answer, self.audience)


def _query(understood: Understood, vector: Vectors) -> Query:
    return Query(
        text=understood.text,
        vector=vector,
        languages=understood.languages,
        market=understood.market,
        vehicle=understood.vehicle,
        features=understood.features,
        roles=understood.roles,
    )


def _ruled(rule: Rule, understood: Understood) -> Verdict:
    return Verdict(decision=rule.decision, confidence=1.0, vehicle=understood.vehicle)


def _choices(verdict: Verdict, language: str, release: Release) -> tuple[str, ...]:
    """Return the cars to choose from, as people of that language say them."""
    return tuple(release.catalogue.phrases[language].car(car, release.lexicon.cars) for car in verdict.choices)


def _language_of_answer(verdict: Verdict, rule: Rule | None, understood: Understood) -> str:
    """Return the language to answer in: the passage's, or the reader's own where a rule speaks it, or the next best."""
    if verdict.main:
        return verdict.main.language
    own = understood.question.language or understood.language
    return own if rule and own in rule.say else understood.languages[0]


def _framed(
    blocks: list[Block], verdict: Verdict, rule: Rule | None, understood: Understood, language: str, release: Release
) -> list[Block]:
    """Return the blocks to show: the verified ones, or what is said instead; a notice first for a reader of another language."""
    phrases = release.catalogue.phrases.get(language) or release.catalogue.phrases[understood.languages[0]]
    shown = (
        blocks
        if verdict.decision is Decision.ANSWER
        else [Block(phrase=text) for text in _said(verdict, rule, phrases, release, language)]
    )
    notice = release.catalogue.notice(understood.question.language or understood.language, language)
    return [Block(phrase=notice), *shown] if notice else shown


def _said(verdict: Verdict, rule: Rule | None, phrases: Phrases, release: Release, language: str) -> list[str]:
    cars = release.lexicon.cars
    if rule and rule.say:
        return [rule.say[language]]
    if verdict.decision is Decision.CLARIFY:
        one_model = len({choice.model for choice in verdict.choices}) == 1
        return [phrases.clarify_generation if one_model and verdict.vehicle else phrases.clarify]
    if verdict.documented and verdict.vehicle:
        known = ", ".join(phrases.car(car, cars) for car in verdict.documented)
        return [phrases.decline_car.format(car=phrases.car(verdict.vehicle, cars)), phrases.decline_documented.format(cars=known)]
    return [phrases.decline, phrases.decline_help]
