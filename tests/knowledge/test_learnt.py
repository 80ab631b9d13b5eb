"""Models are trained where none ships, by two threads of a process that has loaded nothing yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_TRAINS_BOTH = """
import sys, threading
from pathlib import Path
import numpy as np
from knowledge.classifier import Classifier
from knowledge.learnt import learn_into
from knowledge.topics import Topics

examples = {name: [f"question {name} {n}" for n in range(8)] for name in ("one", "two", "three")}
vectors = np.random.default_rng(1).normal(size=(24, 8)).astype(np.float32)
folder = Path(sys.argv[1])
threads = [threading.Thread(target=learn_into, args=(folder, kind, examples, vectors)) for kind in (Classifier, Topics)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_two_models_are_trained_at_once_in_a_fresh_process(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _TRAINS_BOTH, str(tmp_path)], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert {path.name for path in tmp_path.iterdir()} == {"classifier.npz", "topics.npz"}
