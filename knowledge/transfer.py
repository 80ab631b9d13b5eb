"""Moves a snapshot from one machine to another in one file, signed with a key that both have.

Export: a snapshot → a zip archive whose first member, `export.json`, names every other member with its size and SHA-256,
and bears an HMAC-SHA256 over all of that. Import: the signature is checked before any member is opened, each member while
it is unpacked, and the whole in a child process, as after a build; only then it joins the snapshots. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import uuid
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from knowledge.errors import SnapshotError, TransferError
from knowledge.manifest import MANIFEST, Manifest, file_hash
from knowledge.snapshots import SnapshotStore

HEADER = "export.json"
_MOST_HEADER = 32 * 2**20
_MOST_FILES = 10_000
_MOST_BYTES = 20 * 2**30
_BLOCK = 2**20
_VERIFY_SECONDS = 600
_REASON = 600
_STAMP = (2000, 1, 1, 0, 0, 0)  # the same snapshot gives the same file
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Member(_Strict):
    sha256: Digest
    size: int = Field(ge=0, le=_MOST_BYTES)


class _Content(_Strict):
    """What is signed: the snapshot, whether it was live where it comes from, and every file of it with its manifest."""

    format: Literal[1] = 1
    snapshot: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    published: bool
    files: dict[str, _Member] = Field(max_length=_MOST_FILES)

    def signature(self, key: SecretStr) -> str:
        """Return the HMAC-SHA256 of the content, written in one way only."""
        canonical = json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":")).encode()
        return hmac.new(key.get_secret_value().encode(), canonical, hashlib.sha256).hexdigest()


class _Header(_Strict):
    content: _Content
    hmac_sha256: Digest | None = None


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of an import: the snapshot's id, and whether it is live now; otherwise it is the candidate."""

    id: str
    live: bool


def export_snapshot(store: SnapshotStore, snapshot_id: str, target: Path, *, key: SecretStr | None) -> bool:
    """Write a snapshot to `target`; return whether it is signed, which takes a key.

    Raises `SnapshotError` when the snapshot is not whole, `TransferError` when the file can't be written.
    """
    manifest = store.checked(snapshot_id)
    folder = store.folder(snapshot_id)
    paths = {name: folder / name for name in [*sorted(manifest.files), MANIFEST]}
    members = {name: _Member(sha256=file_hash(path), size=path.stat().st_size) for name, path in paths.items()}
    content = _Content(snapshot=snapshot_id, published=snapshot_id in store.history(), files=members)
    header = _Header(content=content, hmac_sha256=content.signature(key) if key else None)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(HEADER, _STAMP), header.model_dump_json())
            for name, path in paths.items():
                member = zipfile.ZipInfo(name, _STAMP)
                member.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, archive.open(member, "w", force_zip64=True) as sink:
                    shutil.copyfileobj(source, sink, _BLOCK)
        temporary.replace(target)
    except OSError as error:
        message = f"The export {target} can't be written ({error.strerror}). Choose another place with --out."
        raise TransferError(message) from error
    finally:
        temporary.unlink(missing_ok=True)
    return key is not None


def import_snapshot(store: SnapshotStore, source: Path, *, key: SecretStr | None, unsigned: bool = False) -> Imported:
    """Take in an exported snapshot and say whether it is live now.

    It goes live when its signature says that it was live where it comes from, or when nothing is live here; otherwise it
    is the candidate, which `publish` scores. `unsigned` accepts an export without a signature, or with one that can't be
    checked for want of a key; a wrong signature is never accepted. Raises `TransferError`, `SnapshotError`.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            content, vouched = _trusted(archive, source, key, unsigned=unsigned)
            members = _members(archive, content, source)
            with store.writing():
                try:
                    store.checked(content.snapshot)
                except SnapshotError:
                    store.require_room(sum(member.size for member in content.files.values()))
                    _take_in(archive, members, content, store, source)
                live = store.live_id()
                swap = live != content.snapshot and (live is None or (vouched and content.published))
                if swap:
                    store.swap(content.snapshot)
                elif live != content.snapshot:
                    store.propose(content.snapshot)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"The export {source} can't be read ({error}). Copy it again from where it was made."
        raise TransferError(message) from error
    return Imported(id=content.snapshot, live=swap or live == content.snapshot)


def _trusted(archive: zipfile.ZipFile, source: Path, key: SecretStr | None, *, unsigned: bool) -> tuple[_Content, bool]:
    """Return what the header says, and whether a signature vouches for it. Raises `TransferError` unless it may be used."""
    try:
        info = archive.getinfo(HEADER)
        if info.file_size > _MOST_HEADER:
            raise _refused(source, f"its {HEADER} is too large")
        header = _Header.model_validate_json(archive.read(info))
    except (KeyError, ValidationError) as error:
        raise _refused(source, f"it has no usable {HEADER}") from error
    if header.hmac_sha256 and key:
        if not hmac.compare_digest(header.hmac_sha256, header.content.signature(key)):
            message = f"The export {source} was signed with another key, or changed since. Nothing of it was opened."
            raise TransferError(message)
    elif not unsigned:
        why = "no BRAND_ASSISTANT_TRANSFER_KEY is set to check its signature" if header.hmac_sha256 else "it is not signed"
        message = f"The export {source} can't be trusted: {why}. Set the key, or accept it with --unsigned."
        raise TransferError(message)
    return header.content, bool(header.hmac_sha256 and key)


def _members(archive: zipfile.ZipFile, content: _Content, source: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's members by name once they are exactly those of the header, with names that stay in a folder."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.filename in found:
            raise _refused(source, f"{info.filename!r} stands in it twice")
        found[info.filename] = info
    found.pop(HEADER)
    for name in content.files:
        parts = PurePosixPath(name).parts
        if not parts or name != "/".join(parts) or name.startswith("/") or ".." in parts or set(name) & set("\\:\0"):
            raise _refused(source, f"the name {name!r} leads out of the snapshot")
    if found.keys() != content.files.keys() or MANIFEST not in found:
        odd = sorted(found.keys() ^ (content.files.keys() | {MANIFEST}))
        raise _refused(source, f"its files are not those that it lists ({odd[0]!r})")
    return found


def _take_in(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], content: _Content, store: SnapshotStore, source: Path
) -> None:
    """Unpack, check and keep; the caller holds the writer's lock, and the store removes the folder if this dies."""
    folder = store.root / f".building-{uuid.uuid4().hex}"
    try:
        for name, member in content.files.items():
            _unpack(archive, members[name], folder / name, member, source)
        manifest = Manifest.read(folder)
        listed = {name: member.sha256 for name, member in content.files.items() if name != MANIFEST}
        if manifest.id != content.snapshot or manifest.files != listed:
            raise _refused(source, "its manifest is not that of the files in it")
        _verify(folder, source)
        shutil.rmtree(store.folder(content.snapshot), ignore_errors=True)  # a damaged one of the same content
        folder.rename(store.folder(content.snapshot))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, member: _Member, source: Path) -> None:
    """Write one file, and refuse it as soon as it is longer than listed, or when its hash is another."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, written = hashlib.sha256(), 0
    with archive.open(info) as packed, target.open("xb") as file:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > member.size:
                raise _refused(source, f"{info.filename!r} is longer than listed")
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != member.sha256:
        raise _refused(source, f"{info.filename!r} is not the file that was exported")


def _verify(folder: Path, source: Path) -> None:
    """Open the index in a child process, as after a build: the store crashes on some damage."""
    command = [sys.executable, "-P", "-m", "knowledge.verification", str(folder)]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=_VERIFY_SECONDS, check=False)  # noqa: S603  our own module
    except subprocess.TimeoutExpired as error:
        raise _refused(source, f"it could not be verified within {_VERIFY_SECONDS} seconds") from error
    if child.returncode != 0:
        raise _refused(source, " ".join(child.stderr.split())[:_REASON] or f"exit status {child.returncode}")


def _refused(source: Path, reason: str) -> TransferError:
    return TransferError(f"The export {source} was refused: {reason}. Nothing was changed.")
