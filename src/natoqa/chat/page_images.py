"""A page of a PDF as an image, drawn by a process of its own that a broken file cannot take this one along with.

The file in the corpus may have changed since it was indexed; then its pages are not the ones that were read, and none
is shown.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from natoqa.corpus import Corpus
from natoqa.errors import CorpusError

SUFFIX = ".pdf"
_KEPT = 12
_SECONDS = 10.0
_CPU_SECONDS = 8
_MEMORY_BYTES = 1_500_000_000
# Enough to read on a fine screen; the longer side of a large page decides.
_DOTS_A_POINT = 2.0
_MOST_DOTS = 2_400
_LARGEST_IMAGE = 12_000_000
_BOOTSTRAP = "import sys; sys.path[:] = sys.argv[2:]; from natoqa.chat.page_images import main; main(int(sys.argv[1]))"


@dataclass
class PageImages:
    """Draws pages of a corpus's files and keeps the last few. Safe to share between threads; one page at a time."""

    corpus: Corpus
    _images: OrderedDict[tuple[str, int], bytes] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def image(self, identity: str, fingerprint: str, number: int) -> bytes | None:
        """Page ``number`` (from 1) of a document as PNG.

        None when its file is gone, is not the one with this ``fingerprint``, or cannot be drawn.
        """
        if PurePosixPath(identity).suffix.lower() != SUFFIX:
            return None
        try:
            data = self.corpus.read(self.corpus.root / identity)
            if self.corpus.fingerprint(identity, data) != fingerprint:
                return None
        except CorpusError:
            return None
        key = (fingerprint, number)
        with self._lock:
            if key not in self._images:
                image = _draw(data, number)
                if image is None:
                    return None
                self._images[key] = image
            self._images.move_to_end(key)
            while len(self._images) > _KEPT:
                self._images.popitem(last=False)
            return self._images[key]


def _draw(data: bytes, number: int) -> bytes | None:
    paths = [str(Path(__file__).parents[2]), *(str(Path(entry).absolute()) for entry in sys.path if entry)]
    with suppress(OSError, subprocess.SubprocessError):
        drawn = subprocess.run(  # noqa: S603 - natoqa's own code, and no shell
            [sys.executable, "-I", "-X", "utf8", "-c", _BOOTSTRAP, str(number), *paths],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            timeout=_SECONDS,
            check=True,
        )
        if 0 < len(drawn.stdout) <= _LARGEST_IMAGE:
            return drawn.stdout
    return None


def main(number: int) -> None:
    """Read a PDF from the standard input and write one of its pages to the standard output as PNG."""
    import io
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    import pypdfium2  # type: ignore[import-untyped]

    pdf = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    page = pdf[number - 1]
    scale = min(_DOTS_A_POINT, _MOST_DOTS / max(page.get_size()))
    image = io.BytesIO()
    page.render(scale=scale, may_draw_forms=False).to_pil().save(image, "PNG")
    sys.stdout.buffer.write(image.getvalue())
    sys.stdout.buffer.flush()
