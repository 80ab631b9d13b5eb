"""What is measured: `definitions.py` says what each metric means, `answering.py`, `ranking.py` and `figures.py` compute."""

from evals.metrics.definitions import METRICS, Metric

__all__ = ["METRICS", "Metric"]
