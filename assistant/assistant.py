"""The assistant of one audience. `stream` reads in the order in which a question travels.

understand → check the rules → retrieve → decide → compose → verify → record
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from assistant.answer import Answer, Decision, Delta, Done, Event, Question, Started
from assistant.catalogue import Phrases
from assistant.composing.draft import Block, Drafted, Rendering, render
from assistant.composing.extractive import compose
from assistant.composing.retelling import Outcome, Reteller, Telling, passages_for
from assistant.composing.social import shortened
from assistant.conversation import Conversation
from assistant.decision import Verdict, decide
from assistant.entailment import Entailment
from assistant.entailment.inference import Inference
from assistant.grounding import Grounding, Scene, verify
from assistant.guarded_chat import GuardedChat
from assistant.loading import load_models
from assistant.policy import Meaning, off_topic, rule_in_meaning, rule_in_words, yields_to_meaning
from assistant.records import Records
from assistant.release import Release
from assistant.rereading import reread
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
from knowledge.vehicles import Vehicle

_log = logging.getLogger(__name__)
_PASSAGES = 12


class Assistant:
    """Answers the questions of one audience from the live snapshot it was handed. Safe from several threads."""

    def __init__(
        self, live: LiveSnapshot, embedder: Embedder, records: Records, settings: Settings, *, chat: GuardedChat | None = None
    ) -> None:
        self._live = live
        self._chat = chat
        self._reteller: Reteller | None = None
        self._embedder = embedder
        self._records = records
        self._settings = settings
        self._release: Release | None = None
        self._turn = threading.Lock()

    @property
    def audience(self) -> Audience:
        """For whom this assistant speaks; fixed by the folder it was handed."""
        return self._live.audience

    @property
    def problem(self) -> str | None:
        """Why an older snapshot serves than the one that should, if it does."""
        return self._live.problem

    def snapshot_id(self) -> str:
        """Return the id of the snapshot that answers now. Raises `SnapshotError` when there is none."""
        with self._live.lease() as snapshot:
            return snapshot.id

    @contextmanager
    def release(self) -> Iterator[Release]:
        """Lend what answers now, whole until it is given back. Raises `SnapshotError`."""
        with self._live.lease() as snapshot:
            yield self._opened(snapshot)

    def contact_problems(self) -> tuple[str, ...]:
        """Return what the operator should know about the market's contacts. Raises `SnapshotError`."""
        with self._live.lease() as snapshot:
            return self._opened(snapshot).markets.problems(self._settings.market)

    def warm_up(self) -> None:
        """Do now what the first question would otherwise wait for: open the snapshot, load the models."""
        with self._live.lease() as snapshot:
            self._opened(snapshot)
        load_models(self._embedder)

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

    def stream(self, question: Question, *, left: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Yield the answer to `question` as events: started, cited and text in turn, done. Raises as `reply` does.

        `left` says whether the visitor has gone: a chat model is then left within a fraction of a second.
        """
        timings = Timings()
        with self._live.lease() as snapshot:
            release = self._opened(snapshot)
            conversation = self._records.conversation(question.conversation_id, self.audience, owner=question.owner)
            conversation = self._heard(conversation, question, release)
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
            found, labels = list[RetrievedChunk](), dict[str, float]()
            if rule is None or yields_to_meaning(rule):
                with timings.of("embed"):
                    vector, own_vector = self._vectors(understood, text)
                with timings.of("retrieve"):
                    found = release.retriever.retrieve(_query(understood, vector), _PASSAGES)
                    found = reread(understood.text, found, Inference.shipped())
                with timings.of("rules"):
                    labels = release.labels(understood.text, vector)
                    own = release.labels(text, own_vector) if understood.follows_up else labels
                    meaning = Meaning(
                        whole=labels if understood.in_few_words else own,
                        own=own,
                        follows_up=understood.follows_up and understood.in_few_words,
                        pressed=conversation.rule,
                        asked=found[0].evidence.asked if found else 0.0,
                    )
                    rule = rule_in_meaning(rule, meaning, release.rules, release.calibration, self.audience)
                found = [] if rule else found
            with timings.of("decide"):
                verdict = _ruled(rule, understood) if rule else decide(understood, found, labels, release, self.audience)
                if verdict.decision is Decision.DECLINE and not verdict.documented:
                    rule = rule or off_topic(labels, release.rules)
            with timings.of("compose"):
                blocks = compose(understood, verdict, found, release) if verdict.decision is Decision.ANSWER else []
            with timings.of("verify"):
                blocks, withheld = verify(blocks, audience=self.audience, vehicle=verdict.vehicle)
                if verdict.decision is Decision.ANSWER and not any(block.sentences for block in blocks):
                    verdict = replace(verdict, decision=Decision.DECLINE)

            rendering, outcome = Rendering(), Outcome()
            language = _language_of_answer(verdict, rule, understood)
            framed = _framed(blocks, verdict, rule, understood, language, release)
            social = question.channel == "social" and verdict.decision is Decision.ANSWER
            if social:
                framed = shortened(framed, release.catalogue.phrases[language], self._settings.public_url)
            telling = None if social else self._telling(framed, verdict, understood, found, release, left)
            for part in self._reteller.retell(framed, telling, outcome, timings) if self._reteller and telling else [framed]:
                yield from render(part, rendering)
            answer = Answer(
                decision=verdict.decision,
                text=rendering.text,
                language=language,
                question_language=understood.language,
                conversation_id=conversation.id,
                turn=conversation.turns + 1,
                statements=tuple(rendering.statements),
                citations=tuple(rendering.citations),
                choices=_choices(verdict, language, release),
                suggestions=suggest(verdict, found, language, release),
                vehicle=verdict.vehicle,
                rules=tuple(dict.fromkeys([*([rule.rule] if rule else []), *outcome.rules])),
                confidence=verdict.confidence,
                evidence=verdict.evidence,
                composer=outcome.composer,
                withheld=withheld + outcome.withheld,
                timings_ms=timings.finished(),
            )
            self._record(conversation, understood, verdict, question, answer)
            yield Done(answer=answer)

    def _vectors(self, understood: Understood, text: str) -> tuple[Vectors, Vectors]:
        """Return the vectors of the question made standalone, and of its own words."""
        vector = self._embedder.embed_query(understood.text)
        return vector, self._embedder.embed_query(text) if understood.follows_up else vector

    def retold(self, sentences: tuple[Drafted, ...], *, question: str, vehicle: Vehicle, language: str) -> tuple[Drafted, ...]:
        """Return sentences of pages in the chat model's words, each checked; as they are without a model or where it strays."""
        with self._live.lease() as snapshot:
            release = self._opened(snapshot)
            if self._reteller is None or not sentences:
                return sentences
            passages = tuple({drafted.chunk.id: drafted.chunk for drafted in sentences}.values())
            telling = Telling(
                question=question,
                language_name=release.catalogue.languages["en"].get(language, language),
                car=release.catalogue.phrases[language].car(vehicle, release.lexicon.cars),
                scene=Scene(audience=self.audience, vehicle=vehicle, language=language, passages=passages),
                left=lambda: False,
            )
            whole = [Block(sentences=sentences, body=True)]
            parts = self._reteller.retell(whole, telling, Outcome(), Timings())
            return tuple(drafted for part in parts for block in part for drafted in block.sentences)

    def _opened(self, snapshot: Snapshot) -> Release:
        with self._turn:
            if self._release is None or self._release.id != snapshot.id:
                require_embedder(snapshot, self._embedder)
                self._release = Release.read(snapshot)
                if self._chat:
                    entailment = Entailment.open(self._embedder, snapshot.release)
                    grounding = Grounding(entailment, self._release.prompt, self._release.recognition)
                    self._reteller = Reteller(self._chat, self._release.prompt, grounding)
            return self._release

    def _telling(
        self,
        blocks: list[Block],
        verdict: Verdict,
        understood: Understood,
        found: list[RetrievedChunk],
        release: Release,
        left: Callable[[], bool],
    ) -> Telling | None:
        """Return what a chat model needs to retell an answer; None when there is nothing to retell."""
        if verdict.main is None or not any(block.body for block in blocks):
            return None
        language = verdict.main.language
        phrases = release.catalogue.phrases[language]
        passages = passages_for(blocks, [item.chunk for item in found], verdict.vehicle)
        return Telling(
            question=understood.text,
            language_name=release.catalogue.languages["en"].get(language, phrases.name),
            car=phrases.car(verdict.vehicle, release.lexicon.cars) if verdict.vehicle else "",
            scene=Scene(audience=self.audience, vehicle=verdict.vehicle, language=language, passages=passages),
            left=left,
        )  # fmt: skip

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

    def _heard(self, conversation: Conversation, question: Question, release: Release) -> Conversation:
        """Return the conversation after the questions that a client says came before this one."""
        for earlier in question.earlier:
            with suppress(QuestionError):
                text = clean(earlier, self._settings.max_question_characters)
                understood = understand(question, text, conversation, release, market=question.market or self._settings.market)
                conversation = replace(
                    conversation, language=understood.language, vehicle=understood.vehicle, topic=understood.topic
                )
        return conversation

    def _record(
        self, conversation: Conversation, understood: Understood, verdict: Verdict, question: Question, answer: Answer
    ) -> None:
        after = conversation.after(
            language=understood.language,
            vehicle=verdict.vehicle or understood.vehicle,
            topic=understood.topic,
            decision=verdict.decision,
            rule=answer.rules[0] if answer.rules else None,
            choices=verdict.choices,
        )
        self._records.add(after, question, answer, self.audience, owner=question.owner)


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
    """Return the language to answer in: the passage's, or the first of the reader's that it can be said in."""
    if verdict.main and verdict.decision is Decision.ANSWER:
        return verdict.main.language
    return next(language for language in understood.languages if not rule or not rule.say or language in rule.say)


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
