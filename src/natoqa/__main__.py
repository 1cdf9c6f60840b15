"""``python -m natoqa``."""

from natoqa.cli import main

main()
