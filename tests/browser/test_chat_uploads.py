"""Documents that a reader adds in the browser: asked about, read, kept, refused, and gone at the end."""

from __future__ import annotations

import io
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

STATION = "The radio station of Cabo Rojo was opened in 1934 by the engineer Inés Duarte."
FERRY = "The ferry Golondrina carried 412 passengers on her last crossing."
LIMIT = 300_000


@dataclass(frozen=True, slots=True)
class Desk:
    """A collection that may grow, and the page over it."""

    address: str
    corpus: Path
    uploads: Any

    def homes(self) -> list[Path]:
        """The folders of the readers who added something."""
        return [reader.documents.corpus.root.parent for reader in self.uploads._readers.all()]


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, serving: Callable[..., AbstractContextManager[str]]
) -> Iterator[Desk]:
    from natoqa import sync, wiring
    from natoqa.chat.page_images import PageImages
    from natoqa.chat.uploading import Uploads
    from natoqa.corpus import Corpus
    from natoqa.live import LiveAssistant
    from natoqa.session_documents import SessionLimits
    from natoqa.settings import load_settings

    home = tmp_path_factory.mktemp("desk")
    corpus = home / "corpus"
    corpus.mkdir()
    (corpus / "harbour.md").write_text("# The Harbour\n\nThe port of Varna Bay was built in 1911.\n", "utf-8")
    sync(corpus, home / "index")
    settings = load_settings(corpus={"path": corpus}, index={"path": home / "index"})
    images = PageImages(Corpus.open(corpus))
    live = LiveAssistant.open(settings=settings)
    limits = SessionLimits(files=4, file_bytes=LIMIT)
    uploads = Uploads(live, wiring.indexer(settings), limits, may_keep=True, images=images)
    with serving(live, images, uploads) as address:
        yield Desk(address, corpus, uploads)
    uploads.close()


@pytest.fixture
def opened(visit: Callable[..., Any], desk: Desk) -> Any:
    return visit(desk.address)


def _pdf() -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.setTitle("Stations of the Coast")
    for text in ("The coast has no other station.", STATION):
        canvas.drawString(60, 700, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _docx() -> bytes:
    import docx

    file = io.BytesIO()
    document = docx.Document()
    document.core_properties.title = "Ferries"
    document.add_paragraph("Ferries crossed the bay twice a day.")
    document.add_paragraph(FERRY)
    document.save(file)
    return file.getvalue()


def _add(visit: Any, *files: tuple[str, bytes]) -> None:
    visit.page.locator("#uploads input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files]
    )


def _line(visit: Any, name: str, state: str) -> str:
    """What the page says of a file, once it has come so far."""
    line = visit.page.locator(f'#uploads li[data-state="{state}"]', has_text=name).first
    line.wait_for()
    return str(line.locator(".state").inner_text())


def _row(visit: Any, title: str) -> Any:
    if not visit.page.locator("#filter").is_visible():
        visit.page.locator(".commands [data-opens=library]").click()
    return visit.page.locator("#panel .row", has_text=title)


def test_a_pdf_and_a_word_file_are_asked_about_and_the_quote_is_marked(opened: Any) -> None:
    page = opened.page
    _add(opened, ("coast.pdf", _pdf()), ("ferries.docx", _docx()))
    assert _line(opened, "coast.pdf", "added") == "Added, only in this conversation."
    assert _line(opened, "ferries.docx", "added") == "Added, only in this conversation."
    turn = opened.ask("Who opened the radio station of Cabo Rojo?")
    turn.locator(".cite").first.click()
    mark = page.locator("#panel mark.quote").first
    mark.wait_for()
    assert page.locator("#panel mark.quote").all_inner_texts() == [STATION]
    assert page.locator("#panel .identity").inner_text() == "coast.pdf"
    page.locator("#panel .as-image").click()
    page.locator("#panel .page-image img").wait_for()
    assert page.locator("#panel .page-image rect").count() == 1
    turn = opened.ask("How many passengers did the ferry Golondrina carry?")
    turn.locator(".cite").first.click()
    page.locator("#panel mark.quote", has_text="Golondrina").first.wait_for()
    assert page.locator("#panel mark.quote").all_inner_texts() == [FERRY]
    answer = opened.ask("When was the port of Varna Bay built?")
    assert "1911" in answer.inner_text()


def test_it_stands_in_the_list_can_be_left_out_and_removed(opened: Any) -> None:
    page = opened.page
    _add(opened, ("ferries.docx", _docx()))
    _line(opened, "ferries.docx", "added")
    row = _row(opened, "Ferries")
    row.wait_for()
    assert row.locator(".badge").inner_text() == "only in this conversation"
    assert "All 2 documents are searched." in page.locator("#panel .chosen").inner_text()
    row.locator("input").uncheck()
    page.locator("#panel .chosen", has_text="1 of 2").wait_for()
    assert opened.ask("How many passengers did the ferry Golondrina carry?").locator(".cite").count() == 0
    row.locator("input").check()
    page.locator("#panel .chosen", has_text="All 2").wait_for()
    assert "412" in opened.ask("How many passengers did the Golondrina carry?").inner_text()
    row.get_by_role("button", name="Remove").click()
    page.locator("#panel .chosen", has_text="All 1 documents").wait_for()
    assert page.locator("#panel .row").count() == 1


def test_no_other_reader_sees_it_and_it_is_gone_with_the_page(
    opened: Any, visit: Callable[..., Any], desk: Desk
) -> None:
    before = set(desk.homes())
    _add(opened, ("ferries.docx", _docx()))
    _line(opened, "ferries.docx", "added")
    (home,) = set(desk.homes()) - before
    assert home.is_dir()
    assert [path for path in desk.uploads.folder.rglob("*") if path.is_file()] == []
    other = visit(desk.address)
    _row(other, "The Harbour").wait_for()
    assert "Ferries" not in other.page.locator("#panel .list").inner_text()
    assert "412" not in other.ask("How many passengers did the ferry Golondrina carry?").inner_text()
    opened.page.close()
    deadline = time.monotonic() + 20
    while home.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not home.exists()


def test_a_new_conversation_begins_without_it(opened: Any) -> None:
    _add(opened, ("ferries.docx", _docx()))
    _line(opened, "ferries.docx", "added")
    opened.ask("When was the port of Varna Bay built?")
    opened.page.locator(".restart").click()
    row = _row(opened, "Ferries")
    row.wait_for(state="detached")
    assert opened.page.locator("#uploads li").count() == 0


def test_what_is_no_document_is_refused_in_words_and_the_next_question_works(opened: Any) -> None:
    titles = opened.page.title()
    hostile = "<img src=x onerror=document.title='broken'>\u202efdp.txt"
    _add(
        opened,
        ("picture.png", b"\x89PNG\r\n\x1a\n"),
        ("empty.txt", b""),
        ("large.txt", b"x" * (LIMIT + 1)),
        ("mislabelled.pdf", b"PK\x03\x04 nothing"),
        (hostile, b"The cook of the Golondrina was called Amparo."),
        ("again.txt", b"The cook of the Golondrina was called Amparo."),
        ("harbour.md", b"# Another harbour\n\nThe harbour of Sal Bay was closed in 1950.\n"),
    )
    assert "natoqa does not read .png" in _line(opened, "picture.png", "refused")
    assert "empty" in _line(opened, "empty.txt", "refused")
    assert "larger than 0.3 MB" in _line(opened, "large.txt", "refused")
    assert _line(opened, "mislabelled.pdf", "refused").startswith("Not added: ")
    assert _line(opened, "<img src=x", "added") == "Added, only in this conversation."
    assert "it was added already" in _line(opened, "again.txt", "there")
    assert _line(opened, "harbour.md", "added") == "Added, only in this conversation."
    assert "Amparo" in opened.ask("What was the cook of the Golondrina called?").inner_text()
    assert "1950" in opened.ask("When was the harbour of Sal Bay closed?").inner_text()
    _row(opened, "<img src=x").first.wait_for()
    assert opened.page.locator("#panel img, #uploads img").count() == 0
    assert opened.page.title() == titles


def test_a_file_can_be_dropped_on_the_page(opened: Any) -> None:
    opened.page.evaluate(
        """(text) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], "dropped.txt"));
          for (const kind of ["dragenter", "dragover", "drop"]) {
            document.body.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried}));
          }
        }""",
        "The buoy at Punta Sur is green.",
    )
    _line(opened, "dropped.txt", "added")
    assert "green" in opened.ask("Which colour has the buoy at Punta Sur?").inner_text()


def test_kept_it_belongs_to_the_collection(opened: Any, visit: Callable[..., Any], desk: Desk) -> None:
    page = opened.page
    _add(opened, ("coast.pdf", _pdf()), ("harbour.md", b"# Sal Bay\n\nThe harbour of Sal Bay was closed in 1950.\n"))
    _line(opened, "harbour.md", "added")
    turn = opened.ask("Who opened the radio station of Cabo Rojo?")
    row = _row(opened, "Sal Bay")
    row.get_by_role("button", name="Keep").click()
    assert "another 'harbour.md'" in _line(opened, "Sal Bay", "failed")
    assert (desk.corpus / "harbour.md").read_text("utf-8").startswith("# The Harbour")
    _row(opened, "Stations of the Coast").get_by_role("button", name="Keep").click()
    assert _line(opened, "Stations of the Coast", "kept") == "Kept in the collection."
    assert (desk.corpus / "coast.pdf").read_bytes()[:5] == b"%PDF-"
    row = _row(opened, "Stations of the Coast")
    row.locator(".badge").wait_for(state="detached")
    turn.locator(".cite").first.click()
    page.locator("#panel mark.quote").first.wait_for()
    assert page.locator("#panel mark.quote").all_inner_texts() == [STATION]
    assert "1934" in visit(desk.address).ask("Who opened the radio station of Cabo Rojo?").inner_text()


def test_the_server_takes_no_more_than_the_limit_and_nothing_where_nothing_may_be_added(
    desk: Desk, fake_address: str
) -> None:
    assert _post(desk.address, 1000) == 200
    assert _post(desk.address, LIMIT + 1) == 413
    assert _post(fake_address, 1000) == 413


def test_where_nothing_may_be_added_the_page_does_not_offer_it(visit: Callable[..., Any]) -> None:
    assert visit().page.locator(".add-files").count() == 0


def _post(address: str, size: int) -> int:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="../a.txt"\r\n\r\n'
    request = urllib.request.Request(
        f"{address}gradio_api/upload",
        head + b"x" * size + b"\r\n--x--\r\n",
        {"Content-Type": "multipart/form-data; boundary=x"},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
