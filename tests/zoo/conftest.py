"""The zoo: a corpus of files good and bad. It shares libraries and the makers of files with the unit tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1] / "unit"))
