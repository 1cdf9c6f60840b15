"""A browser and pages to look at: one over an assistant that is made up, one over the real one."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from natoqa.errors import QuestionError
from natoqa.types import (
    Answer,
    AnswerSentence,
    Citation,
    Document,
    Landmark,
    LandmarkKind,
    Metadata,
    Status,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 10_000
HOSTILE = (
    "<img src=x onerror=\"document.title='broken'\"> <script>document.title='broken'</script> "
    "${document.title='broken'} {{value}} &lt;b&gt; \"quoted\" 'so' </blockquote></mark> "
    "[link](javascript:document.title='broken') **bold** `code` \N{RIGHT-TO-LEFT OVERRIDE}txt.exe"
)


@dataclass(frozen=True, slots=True)
class FakeAssistant:
    """Answers from a table; a question that is not in it is refused or breaks, as its name says."""

    texts: Mapping[str, Document]
    answers: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)
    searched: list[tuple[str, ...]] = field(default_factory=list)

    def ask(self, question: str, documents: Sequence[str] = (), history: Sequence[str] = ()) -> Answer:
        self.asked.append(question)
        self.searched.append(tuple(documents))
        if not question.strip():
            raise QuestionError("the question is empty")
        if len(question) > 10_000:
            raise QuestionError(f"the question has {len(question)} characters; natoqa reads at most 10000 <b>")
        return self.answers[question]

    @property
    def generation(self) -> FakeAssistant:
        return self

    def document(self, identity: str) -> Document:
        return self.texts[identity]

    def document_metadata(self) -> dict[str, Metadata]:
        return {name: text.metadata for name, text in self.texts.items()}

    def passage_counts(self) -> dict[str, int]:
        return dict.fromkeys(self.texts, 1)

    def documents(self) -> Mapping[str, Metadata]:
        # The page offers its example questions over the shipped briefing alone.
        return {name: text.metadata for name, text in self.texts.items()} | {"briefing.txt": Metadata()}


def _document(identity: str, text: str, title: str, author: str = "", date: str = "") -> Document:
    landmarks = []
    offset = 0
    for number, block in enumerate(text.split("\n\n"), start=1):
        landmarks.append(Landmark(offset, LandmarkKind.PARAGRAPH, f"¶ {number}"))
        offset += len(block) + 2
    return Document(identity, text, Metadata(title, author, date), tuple(landmarks))


def _cite(document: Document, number: int, quote: str) -> Citation:
    start = document.text.index(quote)
    return Citation(
        number,
        document.id,
        document.title,
        document.metadata.author,
        document.metadata.date,
        document.locator(start),
        start,
        start + len(quote),
        quote,
    )


def _answered(question: str, citations: tuple[Citation, ...]) -> Answer:
    sentences = tuple(AnswerSentence(citation.quote, (citation.number,)) for citation in citations)
    return Answer(question, Status.ANSWERED, sentences, citations, confidence=0.87)


@pytest.fixture(scope="session")
def fake() -> FakeAssistant:
    """Two sober documents and one that attacks the page."""
    harbour = _document(
        "harbour.txt",
        "The port was built in 1911.\n\n"
        + "Ships came from the north. " * 30
        + "The harbour 🚢 froze in 1929 — for “eleven” days. "
        + "Nobody had seen that before. " * 30
        + "\n\nThe lighthouse was lit again in spring.",
        "The Harbour",
        "A. Keeper",
        "1931-02-03",
    )
    ledger = _document("ledger.md", "# Ledger\n\nThe winter cost the town 4,000 crowns.", "Ledger of the Town")
    hostile = _document(
        "hostile.md", f"Before {HOSTILE} it.\n\nA quote: {HOSTILE}\n\nAfter.", HOSTILE, HOSTILE, HOSTILE
    )
    frozen = _answered(
        "When did the harbour freeze?",
        (
            _cite(harbour, 1, "The harbour 🚢 froze in 1929 — for “eleven” days."),
            _cite(ledger, 2, "The winter cost the town 4,000 crowns."),
        ),
    )
    attacked = _answered(HOSTILE, (_cite(hostile, 1, f"A quote: {HOSTILE}"),))
    refused = Answer(
        "Who was the mayor?",
        Status.NOT_FOUND,
        nearest=(_cite(harbour, 1, "The port was built in 1911."), _cite(hostile, 2, f"A quote: {HOSTILE}")),
        confidence=0.08,
        reason=f"No passage names a mayor. {HOSTILE}",
    )
    documents = {document.id: document for document in (harbour, ledger, hostile)}
    return FakeAssistant(documents, {answer.question: answer for answer in (frozen, attacked, refused)})


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium; without one the tests that need it are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="install playwright to run the browser tests")
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"no browser found; install one of {', '.join(BROWSERS)} (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def served(assistant: Any, images: Any = None, uploads: Any = None, **options: Any) -> Iterator[str]:
    """The address of a page over ``assistant``, served from a thread; ``options`` are the application's."""
    from natoqa.chat.server import application, listen, server_of

    with listen("127.0.0.1", 0) as listener:
        server = server_of(application(assistant, images=images, uploads=uploads, **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class Visit:
    """An open page and what it asked of the network."""

    page: Any
    requests: list[str]

    def ask(self, question: str) -> Any:
        """Put a question with the keyboard and wait for the turn that answers it."""
        turns = self.page.locator(".turn:not(.pending)")
        before = turns.count()
        self.page.get_by_label("Your question").fill(question)
        self.page.keyboard.press("Enter")
        turns.nth(before).wait_for()
        return turns.nth(before)


@pytest.fixture(scope="session")
def context(browser: Any) -> Iterator[Any]:
    """One set of cookies and one cache for all pages: Gradio's scripts are read once."""
    shared = browser.new_context()
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[str]]:
    return served


@pytest.fixture(scope="session")
def fake_address(fake: FakeAssistant) -> Iterator[str]:
    with served(fake) as address:
        yield address


@pytest.fixture
def visit(context: Any, fake_address: str) -> Iterator[Callable[..., Visit]]:
    """Opens the page: ``visit()``, ``visit(width=390, color_scheme="dark")``, ``visit(address)``."""
    pages = []

    def open_page(address: str = fake_address, width: int = 1280, color_scheme: str = "light") -> Visit:
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE_MS)
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=color_scheme, reduced_motion="reduce")
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        page.get_by_label("Your question").wait_for()
        return Visit(page, requests)

    yield open_page
    for page in pages:
        page.close()


LONG = "notes/long.txt"
LIGHTHOUSE = "lighthouse.pdf"
CUT = "The keeper rowed out three times and saved nineteen sailors of the barque Esperanza."


@dataclass(frozen=True, slots=True)
class Shelf:
    """A small collection that was really indexed, and the page over it."""

    address: str
    assistant: Any
    corpus: Path
    index: Path


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A text, a Markdown file, a long text and a PDF, indexed with the real encoder."""
    from natoqa import Assistant, sync
    from natoqa.chat.page_images import PageImages
    from natoqa.corpus import Corpus

    home = tmp_path_factory.mktemp("shelf")
    corpus = home / "corpus"
    (corpus / "notes").mkdir(parents=True)
    (corpus / "harbour.md").write_text(
        "---\ntitle: The Harbour\nauthor: A. Keeper\ndate: 1931-02-03\nkind: chronicle\n---\n# The Harbour\n\n"
        "The port of Varna Bay was built in 1911.\n\nThe harbour 🚢 froze in 1929 for “eleven” days.\n\n"
        "The winter of 1929 cost the town 4,000 crowns. Nobody had expected the harbour to freeze.\n",
        "utf-8",
    )
    filler = [f"Entry {number}: the wind came from the west and the sea was calm." for number in range(1500)]
    filler[750] = "Entry 750: a comet with two tails was seen above the observatory of Lisboa."
    (corpus / LONG).write_text("\n\n".join(filler), "utf-8")
    (corpus / LIGHTHOUSE).write_bytes(_pdf())
    sync(corpus, home / "index")
    assistant = Assistant.open(home / "index")
    with served(assistant, PageImages(Corpus.open(corpus))) as address:
        yield Shelf(address, assistant, corpus, home / "index")


@dataclass(frozen=True, slots=True)
class Coast:
    """A collection with many facts of one kind, so that an answer to another's question is seen to be one."""

    corpus: Path
    index: Path
    names: tuple[str, ...]

    def question(self, number: int) -> str:
        """The question about lighthouse ``number``; those after the last begin again with other words."""
        words = ("When was the lighthouse of {} built?", "In which year did they build the {} lighthouse?")
        return words[number // len(self.names) % 2].format(self.names[number % len(self.names)])

    def fact(self, number: int) -> str:
        """The sentence that answers it."""
        return lighthouse(self.names[number % len(self.names)], number % len(self.names))


def lighthouse(name: str, number: int) -> str:
    return f"The lighthouse of {name} was built in {1700 + 3 * number}."


@pytest.fixture(scope="session")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Coast:
    """Forty lighthouses in four files, indexed with the real encoder."""
    from natoqa import sync

    home = tmp_path_factory.mktemp("coast")
    (home / "corpus").mkdir()
    firsts = ("Arvo", "Belin", "Corda", "Dremo", "Elvas", "Fonta", "Grun", "Hesto")
    names = tuple(f"{first}{last}" for last in ("mar", "holm", "gate", "vik", "ness") for first in firsts)
    for part in range(4):
        facts = [lighthouse(name, number) for number, name in enumerate(names) if number % 4 == part]
        (home / "corpus" / f"coast-{part}.txt").write_text("\n\n".join(facts), "utf-8")
    sync(home / "corpus", home / "index")
    return Coast(home / "corpus", home / "index", names)


def _pdf() -> bytes:
    import io

    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.setTitle("The Lighthouse of Punta Alta")
    for lines in (
        ["The lighthouse of Punta Alta was built in 1887 by engineers from Montevideo."],
        [CUT[:60].rstrip(), CUT[60:].lstrip(), "The stairs of the tower have 214 steps."],
    ):
        for number, line in enumerate(lines):
            canvas.drawString(60, 700 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture
def foreign_hosts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Hosts outside this machine that this process asks for while the test runs; it is given none of them."""
    tried: list[Any] = []

    def guarded(call: Callable[..., Any], host_of: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            host = host_of(*arguments)
            if host not in ("127.0.0.1", "::1", "localhost", None):
                tried.append(host)
                raise OSError(f"not allowed: {host}")
            return call(*arguments, **named)

        return watched

    monkeypatch.setattr(socket, "getaddrinfo", guarded(socket.getaddrinfo, lambda host, *_: host))
    monkeypatch.setattr(
        socket.socket,
        "connect",
        guarded(socket.socket.connect, lambda _, address: address[0] if isinstance(address, tuple) else None),
    )
    return tried


@pytest.fixture(scope="session")
def real_assistant(real_index: Path) -> Any:
    from natoqa import Assistant

    return Assistant.open(real_index)


@pytest.fixture(scope="session")
def real_address(real_assistant: Any) -> Iterator[str]:
    with served(real_assistant) as address:
        yield address
