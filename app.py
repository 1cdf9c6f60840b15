"""The chat page over the index that the settings name, ``index/`` by default: python app.py."""

from __future__ import annotations

import sys

from natoqa import chat
from natoqa.errors import NatoqaError
from natoqa.live import LiveAssistant


def main() -> int:
    """Serve the page until Ctrl+C; what a user can mend is one line on stderr."""
    try:
        chat.serve(LiveAssistant.open())
    except NatoqaError as error:
        print(f"natoqa: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
