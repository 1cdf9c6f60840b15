"""The text files of TREC: judgements (qrels), runs and topics, as trec_eval reads them.

A qrels line is ``query 0 document relevance``, a run line ``query Q0 document rank score tag``. Their columns are
parted by white space; white space inside an id is written percent-encoded, and so is ``%`` itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from natoqa.errors import QuestionSetError
from natoqa.evaluation.files import read_lines, read_text, refuse_existing, replacing
from natoqa.evaluation.questions import Evidence, Question
from natoqa.evaluation.runfile import load_run
from natoqa.loaders.loaded import one_line

if TYPE_CHECKING:
    from natoqa.evaluation.sets.importing import Collected, ImportOptions

QRELS = "qrels.txt"
QUERIES = "queries.tsv"
RUN = "run.trec"
_TAG = "natoqa"
_ENCODED = re.compile(r"[\s%\x00-\x1f\x7f]")
_ESCAPE = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_TOPIC = re.compile(r"<top>(.*?)(?=<top>|\Z)", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)", re.IGNORECASE)
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]*)", re.IGNORECASE)


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query id -> document -> relevance, in the file's order. Raises QuestionSetError that names a malformed line."""
    judged: dict[str, dict[str, int]] = {}
    for number, line in read_lines(path):
        try:
            query, _, document, relevance = line.split()
            judged.setdefault(_decoded(query), {})[_decoded(document)] = int(relevance)
        except ValueError as error:
            what = "should be query, 0, document and relevance, a whole number"
            raise QuestionSetError(f"{path}:{number}: {what}") from error
    return judged


def write_qrels(path: Path, judged: Mapping[str, Mapping[str, int]]) -> None:
    """Write query id -> document -> relevance. Raises QuestionSetError when the file cannot be written."""
    with replacing(path) as file:
        file.writelines(
            f"{_encoded(query)} 0 {_encoded(document)} {relevance}\n"
            for query, documents in judged.items()
            for document, relevance in documents.items()
        )


def read_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Query id -> (document, score), best first; equal scores keep the file's order. Raises QuestionSetError."""
    rankings: dict[str, list[tuple[str, float]]] = {}
    for number, line in read_lines(path):
        try:
            query, _, document, _, score, _ = line.split()
            rankings.setdefault(_decoded(query), []).append((_decoded(document), float(score)))
        except ValueError as error:
            what = "should be query, Q0, document, rank, score and tag"
            raise QuestionSetError(f"{path}:{number}: {what}") from error
    return {query: sorted(ranking, key=lambda pair: -pair[1]) for query, ranking in rankings.items()}


def write_run(path: Path, rankings: Mapping[str, Sequence[str]], tag: str = _TAG) -> None:
    """Write query id -> documents, best first; a document's first place counts and its score is 1 / rank.

    Raises QuestionSetError when the file cannot be written.
    """
    with replacing(path) as file:
        file.writelines(
            f"{_encoded(query)} Q0 {_encoded(document)} {rank} {1 / rank:.10g} {tag}\n"
            for query, ranking in rankings.items()
            for rank, document in enumerate(dict.fromkeys(ranking), start=1)
        )


def read_topics(path: Path) -> dict[str, str]:
    """Query id -> text of a topic file: lines ``id<tab>text``, or the classic ``<top> <num> <title>`` form.

    Raises QuestionSetError that names the line.
    """
    text = read_text(path)
    pairs = _classic_topics(path, text) if _TOPIC.search(text) else _tabbed_topics(path)
    topics: dict[str, str] = {}
    for number, identity, query in pairs:
        if not identity or not query:
            raise QuestionSetError(f"{path}:{number}: a topic without {'text' if identity else 'a number'}")
        if identity in topics:
            raise QuestionSetError(f"{path}:{number}: the topic '{identity}' stands there twice")
        topics[identity] = query
    return topics


def read_trec(source: Path, options: ImportOptions) -> Collected:
    """Read qrels and the topics that ``options`` names. Each relevant document answers by itself.

    A document is named by its id in the corpus or the stem of it. Raises QuestionSetError that names file and line.
    """
    from natoqa.evaluation.sets.importing import Collected

    if options.queries is None:
        raise QuestionSetError("trec needs the topics as well: --queries FILE (lines of id<tab>text, or <top> topics)")
    judged, topics = read_qrels(source), read_topics(options.queries)
    documents = options.documents()
    left_out: Counter[str] = Counter()
    questions: list[Question] = []
    for identity, text in topics.items():
        relevant: dict[str, int] = {}
        for name, relevance in judged.pop(identity, {}).items():
            document = documents.resolve(name) or documents.resolve(_encoded(name))
            if relevance < 1:
                left_out["judgements below 1"] += 1
            elif document is None:
                left_out["judgements of documents that are not there"] += 1
            else:
                relevant.setdefault(document, relevance)
        if not relevant:
            left_out["queries without a relevant document"] += 1
            continue
        first, *others = ((Evidence(name),) for name in sorted(relevant, key=lambda name: -relevant[name]))
        questions.append(Question(identity, text, True, (), first, tuple(others), tags=("trec",)))
    left_out["judgements of queries that are not there"] += sum(map(len, judged.values()))
    return Collected(tuple(questions), (), left_out)


def export_questions(questions: Iterable[Question], out: Path, run: Path | None, *, force: bool) -> dict[str, int]:
    """Write qrels.txt and queries.tsv into the folder ``out``, and run.trec of a run's JSON; returns line counts.

    A question without evidence has a query and no judgement. Raises QuestionSetError, and RunError for what is no run.
    """
    if out.exists() and not out.is_dir():
        raise QuestionSetError(f"{out} is a file; --out should name a folder")
    questions = tuple(questions)
    rankings = {outcome.id: outcome.ranking for outcome in load_run(run).outcomes} if run else {}
    refuse_existing([out / name for name in (QRELS, QUERIES, *((RUN,) if run else ()))], force=force)
    judged = {
        question.id: {piece.document: 1 for pieces in question.evidence_sets for piece in pieces}
        for question in questions
    }
    write_qrels(out / QRELS, judged)
    with replacing(out / QUERIES) as file:
        file.writelines(f"{_encoded(question.id)}\t{one_line(question.question)}\n" for question in questions)
    counts = {"queries": len(questions), "judgements": sum(map(len, judged.values()))}
    if run is None:
        return counts
    known = {question.id: rankings[question.id] for question in questions if question.id in rankings}
    write_run(out / RUN, known)
    ranked = sum(len(set(ranking)) for ranking in known.values())
    return counts | {"ranked": ranked, "outcomes_left_out": len(rankings) - len(known)}


def _classic_topics(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    for topic in _TOPIC.finditer(text):
        line = text.count("\n", 0, topic.start()) + 1
        number, title = _NUMBER.search(topic.group(1)), _TITLE.search(topic.group(1))
        if number is None or title is None:
            raise QuestionSetError(f"{path}:{line}: a topic without {'<title>' if number else '<num>'}")
        yield line, number.group(1), " ".join(title.group(1).split())


def _tabbed_topics(path: Path) -> Iterator[tuple[int, str, str]]:
    for number, line in read_lines(path):
        identity, tab, query = line.partition("\t")
        if not tab:
            raise QuestionSetError(f"{path}:{number}: should be an id, a tab and the query")
        yield number, _decoded(identity.strip()), " ".join(query.split())


def _encoded(identity: str) -> str:
    return _ENCODED.sub(lambda match: quote(match.group(), safe=""), identity)


def _decoded(identity: str) -> str:
    """The inverse of :func:`_encoded`; escapes that it never writes are part of a foreign id and stay."""

    def plain(match: re.Match[str]) -> str:
        text = unquote(match.group(), errors="replace")
        return text if all(map(_ENCODED.fullmatch, text)) else match.group()

    return _ESCAPE.sub(plain, identity)
