"""Trains the model behind `assistant/entailment/inference.py`. Start at `training.py`; it needs PyTorch, the product does not.

engine_file → network; pairs → training → the files in `assistant/entailment/nli`
"""
