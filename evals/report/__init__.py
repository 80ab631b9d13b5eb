"""The report of a run: one file that marketing opens, with JSON and JUnit beside it.

Input: the folder of a run. Output: `report.<language>.html`, `report.json`, `junit.xml`. `writing.py` puts together what
`verdict.py` (words), `curves.py` (figures behind the plots), `plots.py` (SVG), `transcripts.py` and `texts.py` make.
"""

from evals.report.writing import write_report

__all__ = ["write_report"]
