"""What customers say, counted honestly, turned into the next page.

An export travels: `exports.py` (rows) → `columns.py` (which column is what) → `cleaning.py` → `intake.py` → `ledger.py`.
A report travels: ledger → `splitting.py` (remarks) → `understanding.py` (kind, sentiment, feature, car) → `grouping.py` →
`needs.py` (people, trend, gap) → `tutorial_brief.py` and `quarterly.py`.
"""
