"""Real kills (SIGKILL) in the midst of work: the old index answers, and the next run ends as if nothing had been."""

from __future__ import annotations

import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any

import pytest
from crashing import QUESTION, Asker, Crasher, Ending, lives

from natoqa.errors import IndexLocked, NoIndex
from natoqa.generations import generation_names

# Kills at random moments in the slow tests.
KILLS = int(os.environ.get("SYNC_KILLS", "200"))
_DOCX = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "{}<w:sectPr/></w:body></w:document>"
)
_DOCX_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/'
    'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_DOCX_RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


@pytest.fixture(scope="module")
def crasher() -> Iterator[Crasher]:
    with Crasher() as crasher:
        yield crasher


def _fill(library: Any) -> None:
    library.write("china.txt", "China sold jets to Bolivia in the past decade.\n\nVenezuela paid for a satellite.\n")
    library.write("nato.md", "# NATO\n\nNATO wisely evolved its mechanisms for consensus building.\n")
    library.write("peru.html", "<h1>Peru</h1><p>Peru bought trucks.</p><p>Chile did not.</p>")
    library.write("ships.csv", "Ship,Port\nAurora,Callao\nBolivar,La Guaira\n")
    for number in range(4):
        library.write(f"more/{number}.txt", f"Text number {number} of several about Chile. " * 6)


def _change(library: Any, number: int) -> None:
    """New, edited, renamed and removed files all at once."""
    library.write("china.txt", f"China sold {number} jets to Bolivia.\n\nVenezuela paid for a satellite.\n")
    library.write(f"new {number}.txt", f"Peru bought {number} trucks.")
    library.write("peru.html", f"<h1>Peru</h1><p>Peru bought {number} trucks.</p><p>Chile did not.</p>")
    (library.corpus / f"new {number - 1}.txt").unlink(missing_ok=True)
    (path,) = (library.corpus / "more").glob("0*.txt")
    path.rename(library.corpus / "more" / f"0 {number}.txt")


def _quotes(library: Any) -> tuple[str, ...]:
    assistant = library.open()
    try:
        answer = assistant.ask(QUESTION)
        for citation in answer.citations:
            assert assistant.document(citation.document).text[citation.start : citation.end] == citation.quote
        return tuple(citation.quote for citation in answer.citations)
    finally:
        assistant.generation.close()


def _are_gone(processes: tuple[int, ...], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while any(map(lives, processes)) and time.monotonic() < end:
        time.sleep(0.005)
    return not any(map(lives, processes))


def _mends(library: Any) -> None:
    """The next sync ends where a build from nothing ends, and leaves nothing else behind."""
    library.sync()
    assert not list(library.index.rglob("unfinished-*"))
    assert not list(library.index.glob("*.next"))
    assert len(list(generation_names(library.index))) <= library.keep
    _is_as_built_from_nothing(library)


def _is_as_built_from_nothing(library: Any) -> None:
    rebuilt = library.rebuilt()
    assert library.contents() == rebuilt.contents()
    shutil.rmtree(rebuilt.home)


def _survives(library: Any, before: dict[str, Any], sell: tuple[str, ...], ending: Ending) -> bool:
    """Whether the killed sync had come to its end; in either case the index is one of the two, whole."""
    assert _are_gone(ending.children)
    after = library.contents()  # opens and verifies
    has_switched = after != before
    if not has_switched:
        assert _quotes(library) == sell
    _mends(library)
    assert has_switched or ending.how == "killed"
    return has_switched


def _spread(events: int, count: int) -> list[int]:
    """So many of the file operations 1 to ``events``, evenly."""
    count = min(count, events)
    return sorted({1 + number * (events - 1) // max(1, count - 1) for number in range(count)})


def _count_events(library: Any, crasher: Crasher, work: str = "sync") -> int:
    ending = crasher.run(library, work)
    assert ending.how == "done"
    return ending.begun


def _kill_syncs_at_file_operations(library: Any, crasher: Crasher, count: int) -> list[bool]:
    _fill(library)
    library.sync()
    _change(library, 0)
    events = _count_events(library, crasher)
    assert events > 50
    switched = []
    for number, event in enumerate(_spread(events, count), 1):
        _change(library, number)
        before, sell = library.contents(), _quotes(library)
        ending = crasher.run(library, event=event)
        assert ending.how == "killed"
        switched.append(_survives(library, before, sell, ending))
    return switched


def test_a_killed_sync_leaves_the_old_index_answering(library: Any, crasher: Crasher) -> None:
    switched = _kill_syncs_at_file_operations(library, crasher, 9)
    assert (len(switched), switched) == (9, sorted(switched))


def test_what_a_killed_sync_did_not_come_to_remove_is_removed_by_the_next(library: Any, crasher: Crasher) -> None:
    # The last thing that a sync does is to remove old generations; the next one may have nothing else to do.
    _fill(library)
    for number in range(2):
        _change(library, number)
        library.sync()
    _change(library, 2)
    events = _count_events(library, crasher)
    _change(library, 3)
    assert crasher.run(library, event=events - 4).how == "killed"
    folders = library.index / "generations"
    assert len(list(folders.iterdir())) == library.keep + 1
    report = library.sync()
    assert not report.written
    assert sorted(path.name for path in folders.iterdir()) == list(generation_names(library.index))
    assert len(list(folders.iterdir())) == library.keep


def test_a_killed_first_sync_leaves_no_index_rather_than_half_of_one(library: Any, crasher: Crasher) -> None:
    _fill(library)
    for event in (1, 10, 40, 80):
        assert crasher.run(library, event=event).how == "killed"
        with pytest.raises(NoIndex):
            library.open()
    _mends(library)


def _docx(paragraphs: int) -> bytes:
    """A document that takes long to read, for its paragraphs are many."""
    body = "".join(f"<w:p><w:r><w:t>Ship {n} of Chile lay in port {n}.</w:t></w:r></w:p>" for n in range(paragraphs))
    parts = {"[Content_Types].xml": _DOCX_TYPES, "_rels/.rels": _DOCX_RELATIONSHIPS}
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in (parts | {"word/document.xml": _DOCX.format(body)}).items():
            package.writestr(name, part)
    return packed.getvalue()


def _pdf(pages: int) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    drawn = BytesIO()
    canvas = Canvas(drawn)
    for page in range(pages):
        for line in range(40):
            canvas.drawString(72, 780 - 16 * line, f"Page {page}, line {line}: Chile sold ship {page * line}.")
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


LONG: Mapping[str, Callable[[], bytes]] = {"ships.docx": lambda: _docx(120_000), "ships.pdf": lambda: _pdf(500)}


@pytest.mark.parametrize("name", LONG)
def test_a_sync_killed_while_a_file_is_read_leaves_no_process_behind(library: Any, crasher: Crasher, name: str) -> None:
    library.write("china.txt", "China sold jets to Bolivia.")
    library.sync()
    library.write(name, LONG[name]())
    reading: list[int] = []
    for moment in (0.15, 0.3, 0.45):
        ending = crasher.run(library, after=moment)
        assert ending.how == "killed"
        # Reading on to the end would take it seconds more.
        assert _are_gone(ending.children, 0.5)
        assert _quotes(library) == ("China sold jets to Bolivia.",)
        reading += ending.children
    assert reading
    library.write(name, b"")  # what it takes to index such a file is another test's matter
    _mends(library)


def test_a_second_writer_is_told_who_is_writing(library: Any, crasher: Crasher) -> None:
    _fill(library)
    library.sync()
    _change(library, 0)
    events = _count_events(library, crasher)
    for number, event in enumerate((events // 4, events // 2, 3 * events // 4), 1):
        _change(library, number)
        sell = _quotes(library)
        writer = crasher.hold(library, "sync", event)
        assert writer.how == "held"
        for attempt in (library.sync, lambda: library.sync(rebuild=True)):
            with pytest.raises(IndexLocked, match=f"natoqa index, process {writer.pid} "):
                attempt()
        refused = crasher.run(library, "rollback")
        assert refused.how == "refused"
        assert f"process {writer.pid} " in refused.message
        assert _quotes(library) == sell
        crasher.kill(writer)
        _mends(library)


def _race(library: Any, crasher: Crasher, rounds: int) -> set[tuple[str, ...]]:
    _fill(library)
    library.sync()
    outcomes = set()
    for number in range(rounds):
        _change(library, number)
        endings = crasher.race(library, processes=2 + number % 2)
        how = [ending.how for ending in endings]
        assert set(how) <= {"done", "refused"}
        assert "done" in how
        for ending in endings:
            assert ending.how == "done" or "another process is writing the index" in ending.message
        outcomes.add(tuple(sorted(how)))
        report = library.sync()
        assert not report.written
        _is_as_built_from_nothing(library)
    return outcomes


def test_of_writers_that_begin_at_once_one_wins(library: Any, crasher: Crasher) -> None:
    assert ("done", "refused") in _race(library, crasher, 4)


def _kill_additions(library: Any, crasher: Crasher, count: int) -> int:
    """Kills of what ``natoqa add`` does first: every file that is to be seen in the corpus is whole."""
    _fill(library)
    library.sync()
    incoming = library.home / "incoming"
    incoming.mkdir()

    def arrive(number: int) -> dict[str, bytes]:
        """A file that the corpus does not have, and two in the place of older ones."""
        new = {
            f"incoming/{n}.txt": f"China sold {number} ships, {n} to Peru. ".encode() * 20_000
            for n in (number, "a", "b")
        }
        for path in incoming.iterdir():
            path.unlink()
        for identity, data in new.items():
            (library.home / identity).write_bytes(data)
        return new

    arrive(1)
    crasher.run(library, "add incoming")
    old = arrive(2)
    began = time.perf_counter()
    events = _count_events(library, crasher, "add incoming")
    longest = time.perf_counter() - began
    # A copy is one operation to us and many to the disk: kills at other moments hit it in the middle.
    hows: list[dict[str, Any]] = [{"event": event} for event in _spread(events, count)]
    hows += [{"after": longest * n / len(hows)} for n in range(len(hows))]
    kills = 0
    for number, how in enumerate(hows, 3):
        new = arrive(number)
        kills += crasher.run(library, "add incoming", **how).how == "killed"
        for identity, data in new.items():
            path = library.corpus / identity
            assert (path.read_bytes() if path.exists() else None) in (old.get(identity), data)
        assert crasher.run(library, "add incoming").how == "done"
        assert {identity: (library.corpus / identity).read_bytes() for identity in new} == new
        (library.corpus / "incoming" / f"{number - 1}.txt").unlink()
        old = new
    shutil.rmtree(library.corpus / "incoming")  # with what killed runs hid there
    _mends(library)
    return kills


def _kill_removals(library: Any, crasher: Crasher, count: int) -> int:
    """Kills of what ``natoqa remove`` does first: the document is in the corpus or in its attic, never in neither."""
    _fill(library)
    attic = library.corpus / ".removed"
    for name in ("gone 1.txt", "gone 2.txt"):
        library.write(name, "China sold nothing.")
        events = _count_events(library, crasher, f"remove {name}")
    kills = 0
    for number, event in enumerate(_spread(events, count), 3):
        name, content = f"gone {number}.txt", f"China sold nothing in year {number}."
        library.write(name, content)
        library.sync()
        kills += crasher.run(library, f"remove {name}", event=event).how == "killed"
        (place,) = [folder / name for folder in (library.corpus, attic) if (folder / name).exists()]
        assert place.read_text() == content
        assert _quotes(library)
        library.sync()
        assert (name in library.contents()["fingerprints"]) == (place.parent == library.corpus)
        place.unlink()
    _mends(library)
    return kills


def _kill_rollbacks(library: Any, crasher: Crasher, count: int) -> int:
    """Kills of ``natoqa rollback``: the index is one of the two."""
    _fill(library)
    library.sync()
    _change(library, 0)
    library.sync()
    events = _count_events(library, crasher, "rollback")
    kills = 0
    for number, event in enumerate(_spread(events, count), 1):
        _change(library, number)
        library.sync()
        names = list(generation_names(library.index))
        assert (len(names), library.live.name) == (2, names[1])
        kills += crasher.run(library, "rollback", event=event).how == "killed"
        assert library.live.name in names
        assert _quotes(library)
        library.contents()
        _mends(library)
    return kills


WORK = {"add": _kill_additions, "remove": _kill_removals, "rollback": _kill_rollbacks}


@pytest.mark.parametrize("work", WORK)
def test_a_killed_command_leaves_corpus_and_index_whole(library: Any, crasher: Crasher, work: str) -> None:
    assert WORK[work](library, crasher, 5) >= 4


def _disturb(library: Any, crasher: Crasher, rounds: int) -> tuple[int, int]:
    """Syncs and kills of syncs, so many of each, while others ask; kills, and answers that were given meanwhile."""
    moments = random.Random(rounds)
    _fill(library)
    library.sync()
    kills = 0
    with Asker(library) as first, Asker(library) as second:
        for number in range(rounds):
            _change(library, number)
            began = time.perf_counter()
            library.sync()
            _change(library, rounds + number)
            (library.corpus / f"new {number}.txt").unlink()
            kills += crasher.run(library, after=moments.uniform(0, time.perf_counter() - began)).how == "killed"
            (library.corpus / f"new {rounds + number}.txt").unlink()
        library.sync()
    _is_as_built_from_nothing(library)
    assert min(len(first.generations), len(second.generations)) > rounds / 2
    return kills, first.answers + second.answers


def test_readers_in_other_processes_are_answered_while_syncs_end_and_are_killed(library: Any, crasher: Crasher) -> None:
    kills, answers = _disturb(library, crasher, 4)
    assert kills >= 2
    assert answers >= 20


@pytest.mark.slow
def test_a_sync_killed_before_any_of_its_file_operations_leaves_a_whole_index(library: Any, crasher: Crasher) -> None:
    switched = _kill_syncs_at_file_operations(library, crasher, 1_000_000)
    print(f"{len(switched)} kills, one before each file operation of a sync")
    # The switch is one moment: before it always the old index, after it always the new one.
    assert switched == sorted(switched)
    assert not switched[0]
    assert switched[-1]


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
def test_a_command_killed_before_any_of_its_file_operations_leaves_corpus_and_index_whole(
    library: Any, crasher: Crasher, work: str
) -> None:
    kills = WORK[work](library, crasher, 1_000_000)
    print(f"{kills} kills, one before each file operation of {work}")
    assert kills >= 5


@pytest.mark.slow
def test_a_sync_killed_at_a_random_moment_leaves_a_whole_index(library: Any, crasher: Crasher) -> None:
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    _fill(library)
    library.sync()
    longest, number, endings, with_reader = 0.0, 0, [], 0
    while endings.count("killed") < KILLS:
        number += 1
        _change(library, number)
        if number % 3 == 0:
            library.write("ships.docx", _docx(300 + number))
        if number % 3 == 1:
            library.write("ships.pdf", _pdf(3 + number % 5))
        before, sell = library.contents(), _quotes(library)
        if number % 20 == 1:
            began = time.perf_counter()
            ending = crasher.run(library)
            longest = time.perf_counter() - began
        else:
            ending = crasher.run(library, after=moments.uniform(0, longest))
        _survives(library, before, sell, ending)
        endings.append(ending.how)
        with_reader += bool(ending.children)
    kills = endings.count("killed")
    print(f"{kills} kills at random moments (seed {seed}), {with_reader} of them while a reader was at work or waiting")
    assert kills >= KILLS >= 200
    assert with_reader >= KILLS / 10


@pytest.mark.slow
def test_readers_in_other_processes_are_answered_through_twenty_syncs_and_twenty_kills(
    library: Any, crasher: Crasher
) -> None:
    kills, answers = _disturb(library, crasher, 24)
    print(f"{kills} kills, {answers} answers meanwhile")
    assert kills >= 20
    assert answers >= 200


@pytest.mark.slow
def test_of_writers_that_begin_at_once_one_wins_however_often(library: Any, crasher: Crasher) -> None:
    outcomes = _race(library, crasher, 40)
    assert {("done", "refused"), ("done", "refused", "refused")} <= outcomes
