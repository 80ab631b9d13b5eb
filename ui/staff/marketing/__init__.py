"""The marketing page, one module a tab; `page.py` puts them together."""
