"""All settings of the assistant, on top of those the knowledge needs."""

from __future__ import annotations

from pydantic import Field, SecretStr

from knowledge.settings import KnowledgeSettings


class Settings(KnowledgeSettings):
    """Read with `Settings.read()`; see `.env.example` for each variable with its meaning."""

    market: str = Field(default="FR", pattern=r"^[A-Z]{2}$", description="Market of a question that names none.")
    database_url: SecretStr | None = Field(
        default=None, description="Address of a PostgreSQL database for the records, such as postgresql+psycopg://…; else SQLite."
    )
    public_url: str = Field(default="", description="Address of the server as visitors see it, for links in social replies.")
    handover_webhook: SecretStr | None = Field(
        default=None,
        description="Address that is told of each hand-over, its summary as JSON, beside the inbox of the store page.",
    )
    oidc_issuer: str | None = Field(
        default=None, description="Address of the staff's identity provider; with it, they sign in there."
    )
    oidc_client_id: str = Field(default="", description="Name of this product at the identity provider.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Its secret there.")
    oidc_role_claim: str = Field(default="role", description="Claim of the identity that says seller or marketing.")
    requests_per_minute: int = Field(default=600, ge=1, description="Most requests that one address may make in a minute.")
    concurrent_answers: int = Field(default=8, ge=1, le=256, description="Answers under way at once; more wait their turn.")
    waiting_answers: int = Field(default=256, ge=0, description="Questions that may wait; more are refused.")
    trusted_proxy: bool = Field(default=False, description="Whether X-Forwarded-For comes from a proxy of one's own.")
    widget_origins: list[str] = Field(default=[], description="Sites that may embed the widget, as a JSON list of origins.")
    max_question_characters: int = Field(default=2_000, ge=100, le=10_000, description="Longer questions are refused.")
    chat_model: str | None = Field(
        default=None, min_length=1, description="Name of the chat model that retells answers; without it none is ever called."
    )
    chat_base_url: str | None = Field(default=None, description="Its endpoint; without it, OPENAI_BASE_URL's, then OpenAI's.")
    chat_api_key: SecretStr | None = Field(default=None, description="Its key; without it, OPENAI_API_KEY.")
    chat_max_tokens: int = Field(default=600, ge=50, le=8_000, description="Most tokens that one answer may cost.")
    chat_temperature: float = Field(default=0.0, ge=0, le=2, description="Some models of OpenAI accept only 1.")
    chat_connect_seconds: float = Field(default=3.0, gt=0, le=60, description="Until the endpoint is reached.")
    chat_first_seconds: float = Field(default=8.0, gt=0, le=120, description="Until the first text.")
    chat_gap_seconds: float = Field(default=5.0, gt=0, le=120, description="Between two texts.")
    chat_total_seconds: float = Field(default=25.0, gt=0, le=300, description="For all that is written, a retry included.")
