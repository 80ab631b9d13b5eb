"""A snapshot travels in one signed file; what was tampered with on the way is refused before anything of it is opened."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from knowledge.errors import SnapshotError, TransferError
from knowledge.manifest import MANIFEST
from knowledge.snapshots import SnapshotStore
from knowledge.transfer import HEADER, Imported, export_snapshot, import_snapshot
from tests.knowledge.conftest import Releases
from tests.knowledge.factories import answers, write

KEY, OTHER_KEY = SecretStr("k" * 32), SecretStr("o" * 32)
Members = dict[str, bytes]


@pytest.fixture
def there(tmp_path: Path) -> SnapshotStore:
    """The empty store of another machine."""
    return SnapshotStore(tmp_path / "there")


@pytest.fixture
def export(releases: Releases, tmp_path: Path) -> Path:
    """A signed export of the live snapshot."""
    target = tmp_path / "export.zip"
    assert export_snapshot(releases.store, releases.new, target, key=KEY)
    return target


def rewritten(export: Path, change: Callable[[Members], None]) -> Path:
    """The export with its members changed by somebody without the key."""
    with zipfile.ZipFile(export) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(export, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return export


def header_of(members: Members) -> dict[str, Any]:
    return json.loads(members[HEADER])


def left_behind(store: SnapshotStore) -> list[str]:
    return [path.name for path in store.root.glob("*") if path.is_dir()] if store.root.exists() else []


def test_an_exported_snapshot_answers_the_same_on_another_machine(releases: Releases, there: SnapshotStore, export: Path) -> None:
    taken = import_snapshot(there, export, key=KEY)

    elsewhere = releases.settings.model_copy(update={"home": there.root.parent})
    assert taken == Imported(id=releases.new, live=True)
    assert there.live_id() == releases.new
    assert answers(elsewhere) == answers(releases.settings)


def test_the_same_snapshot_gives_the_same_file(releases: Releases, export: Path, tmp_path: Path) -> None:
    export_snapshot(releases.store, releases.new, tmp_path / "again.zip", key=KEY)

    assert (tmp_path / "again.zip").read_bytes() == export.read_bytes()


def test_importing_twice_changes_nothing(there: SnapshotStore, export: Path) -> None:
    first = import_snapshot(there, export, key=KEY)

    assert import_snapshot(there, export, key=KEY) == first
    assert there.history() == [first.id]


def test_a_signed_export_of_what_was_live_goes_live(
    releases: Releases, there: SnapshotStore, export: Path, tmp_path: Path
) -> None:
    export_snapshot(releases.store, releases.old, tmp_path / "old.zip", key=KEY)
    import_snapshot(there, tmp_path / "old.zip", key=KEY)

    taken = import_snapshot(there, export, key=KEY)

    assert (taken.live, there.history()) == (True, [releases.new, releases.old])


def test_an_unsigned_export_waits_as_the_candidate(
    releases: Releases, there: SnapshotStore, export: Path, tmp_path: Path
) -> None:
    import_snapshot(there, export, key=KEY)
    signed = export_snapshot(releases.store, releases.old, tmp_path / "old.zip", key=None)

    taken = import_snapshot(there, tmp_path / "old.zip", key=KEY, unsigned=True)

    waiting = there.candidate()
    assert (signed, taken.live, there.live_id()) == (False, False, releases.new)
    assert waiting is not None
    assert waiting.id == releases.old


def test_an_unsigned_export_needs_to_be_accepted(releases: Releases, there: SnapshotStore, tmp_path: Path) -> None:
    export_snapshot(releases.store, releases.new, tmp_path / "plain.zip", key=None)

    with pytest.raises(TransferError, match=r"it is not signed\. .*--unsigned"):
        import_snapshot(there, tmp_path / "plain.zip", key=KEY)


def test_a_signature_that_can_not_be_checked_is_not_trusted(there: SnapshotStore, export: Path) -> None:
    with pytest.raises(TransferError, match="no BRAND_ASSISTANT_TRANSFER_KEY is set"):
        import_snapshot(there, export, key=None)


@pytest.mark.parametrize("unsigned", [False, True])
def test_a_wrong_signature_is_refused_whatever_is_accepted(unsigned: bool, there: SnapshotStore, export: Path) -> None:
    with pytest.raises(TransferError, match="another key, or changed since"):
        import_snapshot(there, export, key=OTHER_KEY, unsigned=unsigned)
    assert left_behind(there) == []


def _other_hash(members: Members) -> None:
    header = header_of(members)
    header["content"]["files"]["documents.jsonl"]["sha256"] = "0" * 64
    members[HEADER] = json.dumps(header).encode()


def _made_published(members: Members) -> None:
    header = header_of(members)
    header["content"]["published"] = not header["content"]["published"]
    members[HEADER] = json.dumps(header).encode()


def _another_text(members: Members) -> None:
    members["documents.jsonl"] = members["documents.jsonl"].replace(b"thick", b"thin!")


def _longer(members: Members) -> None:
    members["release/rules.yaml"] += b"- more\n" * 1000


def _one_more(members: Members) -> None:
    members["release/more.py"] = b"print()"


def _one_less(members: Members) -> None:
    del members["documents.jsonl"]


def _leading_out(members: Members) -> None:
    members["../../evil.txt"] = b"evil"


def _no_header(members: Members) -> None:
    del members[HEADER]


@pytest.mark.parametrize(
    "change", [_other_hash, _made_published, _another_text, _longer, _one_more, _one_less, _leading_out, _no_header]
)
def test_a_tampered_export_is_refused_and_leaves_nothing(
    change: Callable[[Members], None], there: SnapshotStore, export: Path, tmp_path: Path
) -> None:
    rewritten(export, change)

    with pytest.raises(TransferError):
        import_snapshot(there, export, key=KEY)
    assert (left_behind(there), list(tmp_path.parent.rglob("evil.txt"))) == ([], [])


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "a\\..\\evil.txt", "C:/evil.txt"])
def test_names_that_lead_out_are_refused_even_when_the_header_lists_them(name: str, there: SnapshotStore, export: Path) -> None:
    def smuggle(members: Members) -> None:
        header = header_of(members)
        header["hmac_sha256"] = None
        header["content"]["files"][name] = {"sha256": "0" * 64, "size": 4}
        members[HEADER] = json.dumps(header).encode()
        members[name] = b"evil"

    rewritten(export, smuggle)

    with pytest.raises(TransferError, match="leads out of the snapshot"):
        import_snapshot(there, export, key=KEY, unsigned=True)


def test_an_index_that_does_not_verify_is_refused(there: SnapshotStore, export: Path) -> None:
    """Somebody without the key rebuilds header and manifest around an index of nonsense."""

    def forge(members: Members) -> None:
        header, manifest = header_of(members), json.loads(members[MANIFEST])
        members["customer/chunks.jsonl"] = b"{}\n"
        manifest["files"]["customer/chunks.jsonl"] = hashlib.sha256(b"{}\n").hexdigest()
        members[MANIFEST] = json.dumps(manifest).encode()
        for name in ("customer/chunks.jsonl", MANIFEST):
            header["content"]["files"][name] = {"sha256": hashlib.sha256(members[name]).hexdigest(), "size": len(members[name])}
        header["hmac_sha256"] = None
        members[HEADER] = json.dumps(header).encode()

    rewritten(export, forge)

    with pytest.raises(TransferError, match="was refused"):
        import_snapshot(there, export, key=KEY, unsigned=True)
    assert (left_behind(there), there.live_id()) == ([], None)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text" * 100])
def test_a_file_that_is_no_export_is_refused(content: bytes, there: SnapshotStore, tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"can't be read"):
        import_snapshot(there, write(tmp_path / "x.zip", content), key=KEY)


def test_a_damaged_snapshot_is_not_exported(releases: Releases, tmp_path: Path) -> None:
    write(releases.store.folder(releases.new) / "documents.jsonl", "")

    with pytest.raises(SnapshotError, match="is damaged"):
        export_snapshot(releases.store, releases.new, tmp_path / "export.zip", key=KEY)
    assert not (tmp_path / "export.zip").exists()
