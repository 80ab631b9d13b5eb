"""Settings that the knowledge needs: where things are, and which embedder. `assistant.settings` adds to them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.errors import ConfigurationError

ENV_PREFIX = "BRAND_ASSISTANT_"
SHIPPED_CORPUS = Path(__file__).parent / "corpus"
_TRACING = ("LANGSMITH_TRACING", "LANGCHAIN_TRACING")


class KnowledgeSettings(BaseSettings):
    """Read from the environment (prefix `BRAND_ASSISTANT_`) and from `.env`, the environment first."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("brand-assistant"),
        description="The one folder that holds everything written: snapshots, caches, records, reports, logs.",
    )
    corpus: Path = Field(default=SHIPPED_CORPUS, description="The folder with pages, lexicon, rules and phrases.")
    embedder: Literal["bundled", "openai"] = Field(default="bundled", description="What turns text into vectors.")
    embedding_model: str = Field(
        default="text-embedding-3-small", description="Model name for the `openai` embedder; unused by `bundled`."
    )
    keep_snapshots: int = Field(default=5, ge=2, description="How many snapshots stay on disk for rollback.")
    review_after_days: int = Field(default=365, ge=1, description="How long after its review a page is due for the next.")
    transfer_key: SecretStr | None = Field(
        default=None, min_length=32, description="Signs exported snapshots, and checks imported ones; the same on both machines."
    )
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    @model_validator(mode="after")
    def _absolute(self) -> Self:
        """Make folders absolute once, so that a later change of working folder changes nothing."""
        object.__setattr__(self, "home", self.home.expanduser().absolute())
        object.__setattr__(self, "corpus", self.corpus.expanduser().absolute())
        return self

    @classmethod
    def read(cls) -> Self:
        """Return the settings of this process.

        Raises `ConfigurationError` naming each wrong variable, and when LangChain tracing is switched on: it would
        send questions and passages to a third party.
        """
        for name, value in os.environ.items():
            if name.startswith(_TRACING) and value.strip().lower() not in ("", "0", "false"):
                message = f"{name}={value} would send questions to a third party. Unset it and start again."
                raise ConfigurationError(message)
        try:
            return cls()
        except ValidationError as error:
            problems = "; ".join(
                f"{ENV_PREFIX}{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()
            )
            message = f"Settings can't be used: {problems}. Correct the environment or .env (see .env.example)."
            raise ConfigurationError(message) from error
