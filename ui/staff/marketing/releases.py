"""The tab of releases: what is live, what waits, what the gate said of each; publish and roll back, each confirmed first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from evals.ledger import Entry, Ledger
from evals.publishing import Ground, publish
from evals.settings import EvalSettings
from evals.suites import SUITES, read_suite
from knowledge.embedding import Embedder
from knowledge.errors import BrandAssistantError
from knowledge.snapshots import SnapshotStore
from ui.staff.frame import table, text
from ui.staff.words import Words

Rows = list[list[str]]


def releases_tab(settings: EvalSettings, embedder: Embedder, words: Words) -> None:
    """Draw the tab."""
    standing = text(words["gate"], lines=3, value=lambda: standing_of(settings, words))
    snapshots = table(
        [words[name] for name in ("snapshot", "created", "pages", "state")], words["snapshots"],
        value=lambda: snapshot_rows(settings, words),
    )  # fmt: skip
    only_refused = gr.Checkbox(label=words["only_refused"], value=False)
    log = table(
        [words[name] for name in ("at", "snapshot", "event", "decision_score", "why")], words["kill_log"],
        column_widths=["14%", "17%", "14%", "11%", "44%"], value=lambda refused: ledger_rows(settings, words, refused=refused),
        inputs=only_refused,
    )  # fmt: skip
    suite = gr.Radio([(words[f"suite_{name}"], name) for name in reversed(SUITES)], value="full", label=words["suite"])
    said = text(words["result"], lines=6, render=False)

    def shown(refused: bool) -> tuple[str, Rows, Rows]:
        return standing_of(settings, words), snapshot_rows(settings, words), ledger_rows(settings, words, refused=refused)

    with gr.Row():
        publishing = _confirmed(words, "publish", primary=True)
        rolling = _confirmed(words, "roll_back", primary=False)
    said.render()
    for button, run, inputs in (
        (publishing, publisher(settings, embedder, words), suite), (rolling, roller(settings, words), None),
    ):  # fmt: skip
        button.click(run, inputs, said, api_visibility="private").then(
            shown, only_refused, [standing, snapshots, log], api_visibility="private"
        )


def standing_of(settings: EvalSettings, words: Words) -> str:
    """Return what is live, what waits and what the gate decided last, in three lines."""
    store = SnapshotStore(settings.home)
    try:
        live = store.live_id()
        documents = {manifest.id: len(manifest.recipe.documents) for manifest in store.manifests()}
    except BrandAssistantError as error:
        return str(error)
    waiting, entries = store.candidate(), Ledger(settings.home).entries()
    lines = [words["live_is"].format(snapshot=live, pages=documents.get(live, 0))] if live else []
    lines.append(words["waiting_is"].format(snapshot=waiting.id) if waiting else words["waiting_none"])
    if entries:
        last = entries[-1]
        lines.append(words["gate_last"].format(at=_at(last), snapshot=last.snapshot, event=words[last.event]))
    return "\n".join([*lines, *([] if entries else [words["gate_nothing"]])])


def snapshot_rows(settings: EvalSettings, words: Words) -> Rows:
    """Return the snapshots of this machine, newest first, with what each is."""
    store = SnapshotStore(settings.home)
    waiting = store.candidate()
    history = store.history()
    rows = []
    for manifest in store.manifests():
        state = "live" if history[:1] == [manifest.id] else "candidate" if waiting and waiting.id == manifest.id else ""
        state = "refused" if state == "candidate" and waiting and waiting.refused else state
        created = manifest.created.isoformat(" ", "minutes")[:16]
        rows.append([manifest.id, created, str(len(manifest.recipe.documents)), words[state] if state else ""])
    return rows


def ledger_rows(settings: EvalSettings, words: Words, *, refused: bool) -> Rows:
    """Return what the gate decided, newest first; with `refused` the kill log alone."""
    ledger = Ledger(settings.home)
    entries = ledger.refused() if refused else ledger.entries()
    return [
        [_at(entry), entry.snapshot, words[entry.event], _percent(entry.scores.get("decision")), _why(entry)]
        for entry in reversed(entries)
    ]


def publisher(settings: EvalSettings, embedder: Embedder, words: Words) -> Callable[..., str]:
    """Return what judges the candidate and makes it live if it holds, and tells what the gate said."""

    def run(suite: str, progress: Any = gr.Progress()) -> str:  # noqa: B008  how Gradio hands one over
        try:
            ground = Ground(suite=suite, cases=read_suite(suite))
            release = publish(settings, embedder, ground, progress=lambda done, total: progress((done, total)))
        except BrandAssistantError as error:
            return str(error)
        told = release.report.lines() if release.report else []
        last = words["nothing_to_publish"].format(snapshot=release.snapshot)
        return "\n".join([*told, f"{release.snapshot}: {words[release.event]}" if release.event else last])

    return run


def roller(settings: EvalSettings, words: Words) -> Callable[[], str]:
    """Return what makes the version before live again."""

    def run() -> str:
        try:
            return words["rolled_back"].format(snapshot=SnapshotStore(settings.home).rollback())
        except BrandAssistantError as error:
            return str(error)

    return run


def _confirmed(words: Words, name: str, *, primary: bool) -> Any:
    """Draw a button that only shows what it would do, with "yes" and "cancel"; return "yes"."""
    with gr.Column():
        first = gr.Button(words[name], variant="primary" if primary else "secondary")
        with gr.Column(visible=False) as asked:
            gr.Markdown(words[f"{name}_sure"])
            with gr.Row():
                yes, no = gr.Button(words[f"{name}_yes"], variant="stop"), gr.Button(words["cancel"])
    first.click(lambda: gr.Column(visible=True), None, asked, api_visibility="private")
    for button in (yes, no):
        button.click(lambda: gr.Column(visible=False), None, asked, api_visibility="private")
    return yes


def _at(entry: Entry) -> str:
    return entry.at.isoformat(" ", "minutes")[:16]


def _why(entry: Entry) -> str:
    person = [f"{entry.name}: {entry.reason}"] if entry.name else []
    return "\n".join([*person, *entry.causes])


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
