"""Settings of the evaluation, on top of the assistant's."""

from __future__ import annotations

from pydantic import Field, SecretStr

from assistant.settings import Settings


class EvalSettings(Settings):
    """Read with `EvalSettings.read()`; see `.env.example` for each variable with its meaning."""

    judge_model: str | None = Field(
        default=None, min_length=1, description="Name of the judge model; without it no judge is ever called."
    )
    judge_base_url: str | None = Field(default=None, description="Its endpoint; without it, OPENAI_BASE_URL's, then OpenAI's.")
    judge_api_key: SecretStr | None = Field(default=None, description="Its key; without it, OPENAI_API_KEY.")
    judge_repeats: int = Field(default=3, ge=1, le=20, description="How many marks of the judge are averaged.")
    judge_seconds: float = Field(default=30.0, gt=0, le=600, description="How long the judge may take for one mark.")
    eval_threads: int = Field(default=2, ge=1, le=64, description="How many cases run at once.")
