"""The marketing page: what is live and what was refused, publish and rollback, what customers ask and how they rate it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import gradio as gr
import pandas as pd

from assistant.records import Records
from evals.ledger import Ledger
from evals.publishing import Ground, publish
from evals.settings import EvalSettings
from evals.suites import read_suite
from knowledge.embedding import Embedder
from knowledge.errors import BrandAssistantError
from knowledge.snapshots import SnapshotStore

_DAYS = 90
_MOST = 200


def marketing_page(settings: EvalSettings, records: Records, embedder: Embedder) -> gr.Blocks:
    """Return the page. Mount it behind `StaffGate`."""
    store = SnapshotStore(settings.home)
    with gr.Blocks(title="Citroën — Marketing", analytics_enabled=False) as page:
        gr.Markdown("# Citroën — Marketing")
        with gr.Tab("En ligne / Live"):
            state = gr.Dataframe(
                headers=["snapshot", "created", "documents", "state"], value=lambda: _snapshots(store), interactive=False
            )
            refused = gr.Dataframe(
                headers=["at", "snapshot", "event", "why"], value=lambda: _ledger(settings), interactive=False, wrap=True
            )
            sure = gr.Checkbox(label="Je confirme / I confirm", value=False)
            said = gr.Textbox(label="Résultat / Result", lines=6)
            gr.Button("Publier le candidat / Publish the candidate", variant="primary").click(
                _publisher(settings, embedder), sure, said, api_visibility="private"
            ).then(lambda: (_snapshots(store), _ledger(settings)), None, [state, refused], api_visibility="private")
            gr.Button("Revenir à la version d'avant / Roll back").click(
                _roller(store), sure, said, api_visibility="private"
            ).then(lambda: (_snapshots(store), _ledger(settings)), None, [state, refused], api_visibility="private")
        with gr.Tab("Questions"):
            gr.BarPlot(lambda: _asked(records), x="day", y="answers", color="decision", title=f"{_DAYS} days")
            words = gr.Textbox(label="Chercher dans les conversations / Search conversations", max_length=200)
            found = gr.Dataframe(headers=["at", "question", "decision", "answer"], interactive=False, wrap=True)
            words.submit(lambda text: _search(records, text), words, found, api_visibility="private")
        with gr.Tab("Avis / Ratings"):
            gr.Dataframe(
                headers=["at", "stars", "thumb", "comment"], value=lambda: _ratings(records), interactive=False, wrap=True
            )
    result: gr.Blocks = page
    return result


def _snapshots(store: SnapshotStore) -> list[list[Any]]:
    live, waiting = store.live_id(), store.candidate()
    rows = []
    for manifest in store.manifests():
        state = "live" if manifest.id == live else "candidate" if waiting and manifest.id == waiting.id else ""
        rows.append([manifest.id, manifest.created.isoformat("T", "minutes"), len(manifest.recipe.documents), state])
    return rows


def _ledger(settings: EvalSettings) -> list[list[str]]:
    rows = [entry.model_dump(mode="json") for entry in Ledger(settings.home).entries()]
    return [
        [str(row.get("at", "")), str(row.get("snapshot", "")), str(row.get("event", "")), _why(row)] for row in reversed(rows)
    ]


def _why(row: dict[str, Any]) -> str:
    person = [f"{row['name']}: {row['reason']}"] if row.get("name") else []
    return "\n".join([*person, *row.get("causes", [])])


def _publisher(settings: EvalSettings, embedder: Embedder) -> Any:
    def run(sure: bool) -> str:
        if not sure:
            return "Cochez d'abord la confirmation. / Tick the confirmation first."
        try:
            release = publish(settings, embedder, Ground(suite="smoke", cases=read_suite("smoke")))
        except BrandAssistantError as error:
            return str(error)
        return (
            "\n".join(release.report.lines())
            if release.report
            else f"{release.event or 'nothing to publish'}: {release.snapshot}"
        )

    return run


def _roller(store: SnapshotStore) -> Any:
    def run(sure: bool) -> str:
        if not sure:
            return "Cochez d'abord la confirmation. / Tick the confirmation first."
        try:
            return store.rollback()
        except BrandAssistantError as error:
            return str(error)

    return run


def _asked(records: Records) -> pd.DataFrame:
    since = datetime.now(UTC) - timedelta(days=_DAYS)
    counts = Counter((turn.at.date().isoformat(), turn.answer["decision"]) for turn in records.turns_since(since))
    rows = [{"day": day, "decision": decision, "answers": count} for (day, decision), count in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["day", "decision", "answers"])


def _search(records: Records, text: str) -> list[list[str]]:
    since = datetime.now(UTC) - timedelta(days=_DAYS)
    wanted = text.lower().strip()
    rows = [turn for turn in records.turns_since(since) if wanted in turn.question.lower()]
    return [
        [turn.at.isoformat("T", "minutes"), turn.question, turn.answer["decision"], turn.answer["text"]] for turn in rows[-_MOST:]
    ]


def _ratings(records: Records) -> list[list[str]]:
    since = datetime.now(UTC) - timedelta(days=_DAYS)
    rows = list(records.ratings_since(since))[-_MOST:]
    return [[row.at.isoformat("T", "minutes"), str(row.stars or ""), row.thumb or "", row.comment or ""] for row in rows]
