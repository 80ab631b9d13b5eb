"""All settings of the assistant, on top of those the knowledge needs."""

from __future__ import annotations

from pydantic import Field

from knowledge.settings import KnowledgeSettings


class Settings(KnowledgeSettings):
    """Read with `Settings.read()`; see `.env.example` for each variable with its meaning."""

    market: str = Field(default="FR", pattern=r"^[A-Z]{2}$", description="Market of a question that names none.")
    max_question_characters: int = Field(default=2_000, ge=100, le=10_000, description="Longer questions are refused.")
