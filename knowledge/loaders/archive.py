"""Unpacks a zip archive into an empty folder, within limits.

Input: a .zip file and, in the options, the folder to fill. Output: a `Reading` without extracts: its refusals name the
members that were left out. Runs in the child process. An archive that is made to harm is refused as a whole.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from knowledge.errors import DocumentError
from knowledge.loaders.extract import Reading, Refusal

MOST_MEMBERS = 2_000
MOST_BYTES = 500 * 2**20  # of everything in it, unpacked
MOST_RATIO = 200  # unpacked to packed; text rarely reaches 20
_FREE_OF_RATIO = 2**20  # small members may be as empty as they like
_BLOCK = 2**16


def read(path: Path, options: dict[str, Any]) -> Reading:
    """Fill `options["folder"]`. Raises `DocumentError` when the archive is damaged, locked, or unpacks to too much."""
    folder = Path(options["folder"])
    refusals: list[Refusal] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check(path, members)
            left = MOST_BYTES
            for member in members:
                refusal = _objection(member)
                if refusal:
                    refusals.append(refusal)
                else:
                    left -= _unpack(archive, member, folder, most=left)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise DocumentError(path, f"the archive is damaged ({error})", "Pack the folder again.") from error
    return Reading(refusals=tuple(refusals))


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse what the directory of the archive gives away before anything is unpacked."""
    if len(members) > MOST_MEMBERS:
        raise DocumentError(path, f"it has {len(members):,} files; at most {MOST_MEMBERS:,} are read", "Split the archive.")
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > MOST_BYTES:
        raise DocumentError(path, f"it unpacks to {total:,} bytes; at most {MOST_BYTES:,} are read", "Split the archive.")
    if total > _FREE_OF_RATIO and total > MOST_RATIO * max(1, packed):
        reason = f"it unpacks to {total // max(1, packed):,} times its size, which is the mark of a zip bomb"
        raise DocumentError(path, reason, "Send the files themselves.")


def _objection(member: zipfile.ZipInfo) -> Refusal | None:
    """Return why a member is left out, if it is."""
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name:
        return Refusal(reason="its name leads out of the archive", cure="Pack the folder again.", field=name)
    if stat.S_ISLNK(member.external_attr >> 16):
        return Refusal(reason="it is a link to another file", cure="Pack the file itself.", field=name)
    if member.flag_bits & 1:
        return Refusal(reason="it is locked with a password", cure="Pack it without a password.", field=name)
    return None


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, *, most: int) -> int:
    """Write a member and return its bytes; what the directory said of its size is not believed."""
    target = folder / PurePosixPath(member.filename.replace("\\", "/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > min(most, member.file_size):
                reason = f"{member.filename!r} unpacks to more than the archive says"
                raise DocumentError(folder, reason, "Send the files themselves.")
            file.write(block)
    return written
