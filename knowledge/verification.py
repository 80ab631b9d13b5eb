"""Opens a newly built snapshot and checks that everything in it can be found again.

Run in a child process (`workshop.py`, or `python -m knowledge.verification FOLDER`): Chroma ends the process on some damage.
Works on a private copy, since opening writes. Exit status 0 means sound; otherwise the last line of stderr is the reason.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from knowledge.document import Audience
from knowledge.errors import BrandAssistantError, SnapshotError
from knowledge.index import Index
from knowledge.lexicon import Lexicon
from knowledge.manifest import Manifest
from knowledge.retrieval import Weights
from knowledge.search import LEXICON, RETRIEVAL
from knowledge.snapshots import RELEASE

_TOP = 10
_MUST_FIND = 0.999
_ASKED = 2_000  # vectors of an index: enough to see one lost in a thousand, and a first start waits for it


def verify(folder: Path) -> None:
    """Raise `SnapshotError` unless the ids are the manifest's and at least 99.9 % of the vectors asked find themselves.

    A vector has found itself when it is among its own ten nearest, the limit that this project sets for Chroma's graph.
    """
    manifest = Manifest.read(folder)
    manifest.check(folder)
    _check_release(folder / RELEASE)
    # Chroma searches outside Python's lock, so two indexes take as long as one.
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda item: _verify_index(folder, *item), manifest.entries.items()))


def _verify_index(folder: Path, audience: Audience, expected: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        index = Index(Path(shutil.copytree(folder / audience, Path(scratch) / audience)))
        found, total = index.vectors.self_found(_TOP, _ASKED)
        ids = index.vectors.ids()
        index.close()
    if ids != set(expected) or not index.chunks.keys() <= ids:
        message = f"{audience}: the index holds {len(ids)} entries, the manifest {len(expected)}"
        raise SnapshotError(message)
    if total and found < _MUST_FIND * total:
        message = f"{audience}: only {found} of {total} vectors asked find themselves among their {_TOP} nearest"
        raise SnapshotError(message)


def _check_release(release: Path) -> None:
    """Read what this layer needs of the release, as whoever searches will. Raises `ConfigurationError`."""
    Lexicon.read(release / LEXICON)
    Weights.read(release / RETRIEVAL)


if __name__ == "__main__":
    try:
        verify(Path(sys.argv[1]))
    except BrandAssistantError as error:
        sys.exit(str(error))
