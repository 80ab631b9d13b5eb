"""Reads what the brand has in other formats than its own Markdown: web pages, PDF, Word, subtitles, tables, archives.

Files are told apart by content (`file_kinds.py`) and read in a child process (`knowledge/sandbox.py`) by one module for
each format. What comes back is an `Extract` (`extract.py`), which `metadata.py` completes and `building.py` makes a
`Document` of. The content team's guide is docs/formats.md.
"""
