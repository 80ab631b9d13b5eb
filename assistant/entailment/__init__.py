"""Does a passage support a sentence that a model wrote, and does it contradict it? Without a chat model; start at `checking.py`.

quantities, names, polarity → reading → alignment → inference, clashes → checking, with calibration as data.
"""

from assistant.entailment.calibration import EntailmentCalibration
from assistant.entailment.checking import Entailment, Judged, Pair
from assistant.entailment.polarity import Polarity

__all__ = ["Entailment", "EntailmentCalibration", "Judged", "Pair", "Polarity"]
