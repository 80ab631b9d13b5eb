"""Turns passages into an answer: `draft.py` says what a draft is, `extractive.py` writes one without a model."""
