"""Asks cases and writes what came back: cases and a snapshot in, a run folder out.

Every answer comes through `Assistant.reply`, as for any visitor. Retrieval alone is ranked beside it, by the `Searcher` that
the command `search` uses, for first turns that name right pages. A run that was killed goes on where it stopped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.answer import Answer, Decision, Question
from assistant.assistant import Assistant
from assistant.bootstrap import open_for_scoring
from evals.cases import Case, CaseTurn, case_set
from evals.fingerprints import code_fingerprint, prompt_fingerprints, rule_fingerprints, settings_without_secrets, versions
from evals.judge import Judge
from evals.ledger import Ledger
from evals.metrics.answering import Scored, score_answer
from evals.metrics.figures import summarize
from evals.metrics.ranking import score_ranking
from evals.remembering import RememberingEmbedder
from evals.run_folder import RUN, SUMMARY, CaseResult, RunError, RunFolder, RunInfo, TurnResult
from evals.settings import EvalSettings
from knowledge.document import Audience
from knowledge.embedding import Embedder
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import AUDIENCES, RELEASE, SnapshotStore

SEED = 2018
_PASSAGES = 60  # enough for ten different pages
_PAGES = 10
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to ask of which snapshot. `out` is the run's folder; without it, one below the home folder."""

    suite: str
    cases: list[Case]
    snapshot: str
    out: Path | None = None
    judge: Judge | None = None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What answers for one audience."""

    assistant: Assistant
    searcher: Searcher


def run(settings: EvalSettings, embedder: Embedder, plan: Plan, *, progress: Progress | None = None) -> RunFolder:
    """Ask what has not been asked yet, and return the folder of the finished run.

    `progress` gets (done, total) cases. Raises `RunError` when the folder can't be written or holds another run,
    `SnapshotError` when the snapshot can't be opened.
    """
    folder, info = _begun(settings, embedder, plan)
    done = {result.case_id for result in folder.results()}
    open_cases = [case for case in plan.cases if case.id not in done]
    turn = threading.Lock()
    if progress:
        progress(len(done), len(plan.cases))
    if open_cases:
        with _desks(settings, embedder, plan, open_cases) as desks, ThreadPoolExecutor(settings.eval_threads) as pool:
            asked = [pool.submit(ask, case, desks[case.audience], plan.judge) for case in open_cases]
            try:
                for future in as_completed(asked):
                    result = future.result()
                    with turn:
                        folder.append(result)
                        done.add(result.case_id)
                    if progress:
                        progress(len(done), len(plan.cases))
            finally:
                pool.shutdown(cancel_futures=True)
    folder.write(SUMMARY, summarize(folder.results()))
    if info.finished is None:
        folder.write(RUN, info.model_copy(update={"finished": datetime.now(UTC)}))
    return folder


def ask(case: Case, desk: Desk, judge: Judge | None) -> CaseResult:
    """Return the result of one case; a crash of the assistant ends the case and is kept as what it is."""
    turns: list[TurnResult] = []
    conversation: str | None = None
    crash = None
    try:
        for number, turn in enumerate(case.turns, start=1):
            answer = desk.assistant.reply(
                Question(
                    text=turn.question, language=case.language, market=case.market, channel=case.channel,
                    vehicle=case.vehicle, conversation_id=conversation,
                )
            )  # fmt: skip
            conversation = answer.conversation_id
            turns.append(_scored(case, number, turn, answer, desk, judge))
    except Exception as error:  # noqa: BLE001  the boundary where a crash becomes a result
        crash = f"{type(error).__name__} in turn {len(turns) + 1}: {error}"
    return CaseResult(case_id=case.id, slices=case.slices, must_hold=case.must_hold, turns=tuple(turns), crash=crash)


def _scored(case: Case, number: int, turn: CaseTurn, answer: Answer, desk: Desk, judge: Judge | None) -> TurnResult:
    expect = turn.expect
    scored: Scored = score_answer(case, expect, answer)
    ranked: tuple[str, ...] = ()
    if number == 1 and expect.documents:
        found = desk.searcher.search(turn.question, k=_PASSAGES, language=expect.language, market=case.market)
        ranked = tuple(dict.fromkeys(item.chunk.document_id for item in found))[:_PAGES]
        scored.scores |= score_ranking(expect.documents, ranked)
    unscored: dict[str, str] = {}
    if judge and answer.decision is Decision.ANSWER:
        judgement = judge.judge(turn.question, answer.text, [citation.quote for citation in answer.citations])
        scored.scores |= judgement.scores
        unscored |= judgement.unscored
    return TurnResult(
        number=number, question=turn.question, expected=expect.model_dump(mode="json", exclude_defaults=True),
        answer=answer.as_json(), ranked=ranked, scores=scored.scores, unscored=unscored, failures=tuple(scored.failures),
    )  # fmt: skip


def _begun(settings: EvalSettings, embedder: Embedder, plan: Plan) -> tuple[RunFolder, RunInfo]:
    """Return a new run, or the unfinished one of the same cases, snapshot and program."""
    info = _info(settings, embedder, plan)
    if plan.out is None:
        for path in sorted((settings.home / "runs").glob(f"*/{RUN}"), reverse=True):
            begun = RunFolder(path.parent)
            if begun.info().finished is None and _same(begun.info(), info):
                return begun, begun.info()
        folder = RunFolder(settings.home / "runs" / info.id)
    else:
        folder = RunFolder(plan.out)
        if (plan.out / RUN).exists():
            if not _same(folder.info(), info):
                message = f"{plan.out} holds a run of other cases, another snapshot or another program. Choose another folder."
                raise RunError(message)
            return folder, folder.info()
    folder.create(info, plan.cases)
    return folder, info


def _same(one: RunInfo, other: RunInfo) -> bool:
    keys = ("suite", "snapshot", "embedder", "case_set", "code", "settings", "judge")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def _info(settings: EvalSettings, embedder: Embedder, plan: Plan) -> RunInfo:
    started = datetime.now(UTC)
    release = SnapshotStore(settings.home).folder(plan.snapshot) / RELEASE
    return RunInfo(
        id=f"{started:%Y%m%dT%H%M%S%f}-{plan.suite}-{plan.snapshot[:8]}",
        suite=plan.suite,
        started=started,
        snapshot=plan.snapshot,
        embedder=embedder.fingerprint,
        composer=f"generative: {settings.chat_model}" if settings.chat_model else "extractive",
        cases=len(plan.cases),
        case_set=case_set(plan.cases),
        seed=SEED,
        threads=settings.eval_threads,
        settings=settings_without_secrets(settings),
        versions=versions(),
        prompts=prompt_fingerprints(release),
        rules=rule_fingerprints(release),
        code=code_fingerprint(),
        judge=plan.judge.name if plan.judge else None,
        overrides=Ledger(settings.home).overrides(),
    )


@contextmanager
def _desks(settings: EvalSettings, embedder: Embedder, plan: Plan, cases: list[Case]) -> Iterator[dict[Audience, Desk]]:
    """Open what the cases need, warm, so that the first answer is timed like the others."""
    remembering = RememberingEmbedder(embedder)
    store = SnapshotStore(settings.home).pinned(plan.snapshot)
    with ExitStack() as stack:
        desks: dict[Audience, Desk] = {}
        for audience in AUDIENCES:
            if any(case.audience == audience for case in cases):
                assistant = stack.enter_context(open_for_scoring(settings, audience, plan.snapshot, embedder=remembering))
                assistant.warm_up()
                live = LiveSnapshot(store, audience)
                stack.callback(live.close)
                desks[audience] = Desk(assistant=assistant, searcher=Searcher(live, remembering))
        yield desks
