"""The inbox lab: one letter held against mail programs, the law, and the eyes of its readers.

`inspect_letter` judges what can be judged without asking anybody; `asking` goes to the links and to DNS, and
`gallery` draws the letter in a browser. Nothing here changes or submits anything.
"""

from __future__ import annotations

from digest.inspecting.findings import Finding, Level, Specimen, Topic, worst
from digest.inspecting.inspection import Inspection, inspect_letter

__all__ = ["Finding", "Inspection", "Level", "Specimen", "Topic", "inspect_letter", "worst"]
