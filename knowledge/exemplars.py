"""Example questions by label, as a release keeps them: `exemplars.yaml` maps labels to texts. Next: `classifier.py`."""

from __future__ import annotations

from pathlib import Path

import yaml

from knowledge.errors import SnapshotError
from knowledge.yaml_text import parse

SOURCE = "exemplars.yaml"
# Labels that are no rule: what any page answers, what customers ask and no page holds, what is no subject of the brand.
INNOCENT, SILENT, OFF_TOPIC = "none", "silent", "off-topic"


def exemplar_texts(folder: Path) -> dict[str, list[str]]:
    """Return the texts by label; none when the folder has no such file. Raises `SnapshotError` when it is no mapping."""
    path = folder / SOURCE
    if not path.exists():
        return {}
    try:
        texts = parse(path.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        message = f"{path} can't be read ({error}). Correct the file."
        raise SnapshotError(message) from error
    if not isinstance(texts, dict) or not all(isinstance(rows, list) for rows in texts.values()):
        message = f"{path} must map labels to lists of questions. Correct the file."
        raise SnapshotError(message)
    return {str(label): [str(text) for text in rows] for label, rows in texts.items()}
