"""Files are read in a child with little memory, little time and no network; when it dies, its file is named."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import DocumentError
from knowledge.sandbox import Limits, run
from tests.knowledge.factories import write

READER = "tests.knowledge.hungry_reader"
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the limits are the Linux kernel's")


def read(folder: Path, does: str, **limits: Any) -> list[str]:
    path = write(folder / "evil.pdf", "x")
    return run(READER, path, name="in/evil.pdf", options={"does": does}, limits=Limits(**limits))["notes"]


def refusal(folder: Path, does: str, **limits: Any) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        read(folder, does, **limits)
    assert caught.value.path == "in/evil.pdf"
    assert caught.value.cure
    return caught.value


@ON_LINUX
def test_a_file_that_eats_memory_is_stopped_at_the_limit(tmp_path: Path) -> None:
    assert refusal(tmp_path, "eat memory").reason == "reading it takes more than 512 MB of memory"


@pytest.mark.parametrize("does", ["sleep", "compute"])
def test_a_file_that_takes_for_ever_is_stopped_at_the_limit(does: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, does, seconds=1).reason == "reading it takes more than 1 seconds"


def test_a_file_that_crashes_its_reader_is_named_with_the_signal(tmp_path: Path) -> None:
    assert "ended on it (signal 6)" in refusal(tmp_path, "crash").reason


@ON_LINUX
def test_a_reader_can_not_write_without_end(tmp_path: Path) -> None:
    assert refusal(tmp_path, "write a lot", output=100_000).reason


def test_a_reader_has_no_network(tmp_path: Path) -> None:
    assert "PermissionError" in refusal(tmp_path, "connect").reason


@ON_LINUX
def test_a_library_in_c_has_no_network_either(tmp_path: Path) -> None:
    assert read(tmp_path, "connect from C") == ["-1"]


def test_a_reader_sees_no_keys_and_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("BRAND_ASSISTANT_TRANSFER_KEY", "secret")

    (names,) = read(tmp_path, "tell")

    assert "OPENAI" not in names
    assert "BRAND_ASSISTANT" not in names
