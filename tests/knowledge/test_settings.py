"""Settings are checked at start, and a wrong one is named with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import ConfigurationError
from knowledge.settings import SHIPPED_CORPUS, KnowledgeSettings


def test_the_defaults_need_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRAND_ASSISTANT_HOME")

    settings = KnowledgeSettings.read()

    assert (settings.embedder, settings.corpus, settings.openai_api_key) == ("bundled", SHIPPED_CORPUS, None)
    assert settings.home.is_absolute()


def test_folders_stay_where_they_were_when_the_working_folder_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BRAND_ASSISTANT_HOME", "here")

    settings = KnowledgeSettings.read()
    monkeypatch.chdir("/")

    assert settings.home == tmp_path / "here"


def test_a_file_named_env_is_read_after_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BRAND_ASSISTANT_KEEP_SNAPSHOTS=9\nBRAND_ASSISTANT_EMBEDDING_MODEL=from-file\n")
    monkeypatch.setenv("BRAND_ASSISTANT_KEEP_SNAPSHOTS", "7")

    settings = KnowledgeSettings.read()

    assert (settings.keep_snapshots, settings.embedding_model) == (7, "from-file")


@pytest.mark.parametrize(("name", "value"), [("KEEP_SNAPSHOTS", "1"), ("KEEP_SNAPSHOTS", "many"), ("EMBEDDER", "magic")])
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"BRAND_ASSISTANT_{name}", value)

    with pytest.raises(ConfigurationError, match=rf"BRAND_ASSISTANT_{name}: .*Correct the environment or \.env"):
        KnowledgeSettings.read()


@pytest.mark.parametrize("name", ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"])
def test_langchain_tracing_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "true")

    with pytest.raises(ConfigurationError, match=rf"{name}=true would send questions to a third party\. Unset it"):
        KnowledgeSettings.read()


@pytest.mark.parametrize("value", ["", "0", "false", " False "])
def test_langchain_tracing_that_is_off_is_no_matter(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", value)

    assert KnowledgeSettings.read().embedder == "bundled"


def test_the_key_is_not_told_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key")

    settings = KnowledgeSettings.read()

    assert settings.openai_api_key is not None
    assert "secret-key" not in f"{settings!r} {settings}"
