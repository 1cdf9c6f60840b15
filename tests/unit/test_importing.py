"""Question sets from other formats: what is written, what is left out, and what is refused without a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.corpus import Corpus
from natoqa.errors import CorpusError, NatoqaError, QuestionSetError
from natoqa.evaluation.questions import Evidence, Question, load_questions
from natoqa.evaluation.sets.document_files import safe_names
from natoqa.evaluation.sets.documents import Documents, documents_of_corpus
from natoqa.evaluation.sets.importing import ImportOptions, ImportSummary, import_questions

CONTEXT = "The treaty was signed in Lima. It had twelve articles, and Dr. Paz wrote three. Peru paid."


def _no_documents() -> NoReturn:
    raise AssertionError("this format brings its own documents")


class Import:
    """Imports into a temporary folder; ``documents`` gives those that are there already."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.out = home / "set.jsonl"
        self.corpus = home / "imported"
        self.documents: Callable[[], Documents] = _no_documents

    def __call__(self, name: str, source: Path, *, force: bool = False, **options: Any) -> ImportSummary:
        chosen = ImportOptions(self.documents, **options)
        return import_questions(name, source, self.out, chosen, self.corpus, force=force)

    @property
    def questions(self) -> tuple[Question, ...]:
        return load_questions(self.out)

    def text(self, document: str) -> str:
        corpus = Corpus.open(self.corpus)
        return documents_of_corpus(corpus).open(document).text

    def left_nothing(self, before: set[Path]) -> bool:
        return set(self.home.rglob("*")) == before


@pytest.fixture
def importing(tmp_path: Path) -> Import:
    return Import(tmp_path)


def _squad(folder: Path, *entries: dict[str, Any], context: str = CONTEXT, title: str = "The_Treaty") -> Path:
    path = folder / "squad.json"
    articles = [{"title": title, "paragraphs": [{"context": context, "qas": list(entries)}]}]
    path.write_text(json.dumps({"version": "v2.0", "data": articles}), "utf-8")
    return path


def _entry(identity: str, *answers: tuple[str, int], **fields: Any) -> dict[str, Any]:
    spans = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": identity, "question": "What happened?", "answers": spans, **fields}


def _beir(folder: Path, corpus: list[Any], queries: list[Any], qrels: str, split: str = "test") -> Path:
    home = folder / "beir"
    (home / "qrels").mkdir(parents=True)
    (home / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)), "utf-8")
    (home / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), "utf-8")
    (home / "qrels" / f"{split}.tsv").write_text(qrels, "utf-8")
    return home


DOCUMENTS = [{"_id": "d1", "title": "One", "text": "Alpha."}, {"_id": "d2", "title": "", "text": "Beta."}]
QUERIES = [{"_id": "q1", "text": "alpha?"}, {"_id": "q2", "text": "gamma?"}]


# SQuAD


def test_the_evidence_of_a_squad_answer_is_the_sentence_around_its_span(importing: Import, tmp_path: Path) -> None:
    three = CONTEXT.index("three")
    importing(
        "squad", _squad(tmp_path, _entry("a", ("three", three), ("three", three), ("Peru", CONTEXT.index("Peru"))))
    )
    (question,) = importing.questions
    assert question.answers == ("three", "Peru")
    assert question.evidence == (Evidence("The-Treaty-1.txt", "It had twelve articles, and Dr. Paz wrote three."),)
    assert question.alternatives == ((Evidence("The-Treaty-1.txt", "Peru paid."),),)
    assert importing.text("The-Treaty-1.txt") == CONTEXT
    assert 'title = "The Treaty"' in (importing.corpus / "metadata.toml").read_text("utf-8")


def test_an_answer_over_a_border_of_sentences_is_quoted_with_both(importing: Import, tmp_path: Path) -> None:
    importing("squad", _squad(tmp_path, _entry("a", ("three. Peru", CONTEXT.index("three")))))
    quote = importing.questions[0].evidence[0].quote
    assert quote == "It had twelve articles, and Dr. Paz wrote three. Peru paid."


def test_an_impossible_question_is_unanswerable_and_one_without_answers_is_left_out(
    importing: Import, tmp_path: Path
) -> None:
    plausible = {"plausible_answers": [{"text": "Lima", "answer_start": 25}]}
    source = _squad(tmp_path, _entry("a", is_impossible=True, **plausible), _entry("b", is_impossible=False))
    summary = importing("squad", source)
    assert importing.questions == (Question("a", "What happened?", False, tags=("squad",), line=1),)
    assert summary.left_out == {"questions: answerable, but without an answer": 1}
    assert (summary.questions, summary.answerable, summary.documents) == (1, 0, 1)


def test_a_span_that_is_off_is_looked_for_and_one_that_is_nowhere_leaves_the_document(
    importing: Import, tmp_path: Path
) -> None:
    summary = importing("squad", _squad(tmp_path, _entry("a", ("Peru", 3)), _entry("b", ("Chile", 0))))
    off, nowhere = importing.questions
    assert off.evidence == (Evidence("The-Treaty-1.txt", "Peru paid."),)
    assert nowhere.evidence == (Evidence("The-Treaty-1.txt"),)
    assert "1 answers do not stand" in summary.notes[0]


def test_equal_contexts_are_one_document_and_equal_titles_are_not(importing: Import, tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    paragraphs = [{"context": text, "qas": []} for text in ("One.", "Two.", "One.")]
    articles = [{"title": "T", "paragraphs": paragraphs}, {"title": "T", "paragraphs": [{"context": "3.", "qas": []}]}]
    articles[0]["paragraphs"][0]["qas"] = [_entry("a", is_impossible=True)]  # type: ignore[index]
    path.write_text(json.dumps({"data": articles}), "utf-8")
    assert importing("squad", path).documents == 3
    assert sorted(file.name for file in importing.corpus.iterdir()) == [
        "T-1-2.txt",
        "T-1.txt",
        "T-2.txt",
        "metadata.toml",
    ]


def test_quotes_stand_in_the_document_whatever_its_line_ends(importing: Import, tmp_path: Path) -> None:
    context = "This is the first line of it.\r\nPeru paid in full.\r\n\r\nA new paragraph\u2028went on."
    entry = _entry("a", ("in full", context.index("in full")), ("went", context.index("went")))
    summary = importing("squad", _squad(tmp_path, entry, context=context))
    assert (summary.quotes, summary.quotes_missing) == (2, 0)
    assert importing.questions[0].evidence[0].quote == "Peru paid in full."


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "squad.json:1: not JSON"),
        ("[]", "the file: not an object"),
        ("{}", "the file: 'data' should be a list"),
        ({"data": [3]}, "data[0]: not an object"),
        ({"data": [{"title": "t"}]}, "data[0]: 'paragraphs' should be a list"),
        ({"data": [{"paragraphs": [{"context": 1, "qas": []}]}]}, "data[0].paragraphs[0]: 'context' should be text"),
        (
            {"data": [{"paragraphs": [{"context": "a.", "qas": [{"id": 3}]}]}]},
            "paragraphs[0].qas[0]: 'id' should be text",
        ),
        (
            {
                "data": [
                    {"paragraphs": [{"context": "a.", "qas": [_entry("x", ("a", 0)) | {"answers": [{"text": "a"}]}]}]}
                ]
            },
            "qas[0].answers[0]: 'answer_start' should be a whole number",
        ),
        (
            {"data": [{"paragraphs": [{"context": "a.", "qas": [_entry("x", ("a", 0)), _entry("x", ("a", 0))]}]}]},
            "qas[1]: the id 'x' stands there twice",
        ),
        ({"data": []}, "holds no question"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_malformed_squad_file_is_named_with_the_place(
    importing: Import, tmp_path: Path, content: Any, place: str
) -> None:
    path = tmp_path / "squad.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    before = set(tmp_path.rglob("*"))
    with pytest.raises(QuestionSetError) as raised:
        importing("squad", path)
    assert place in str(raised.value)
    assert "\n" not in str(raised.value)
    assert importing.left_nothing(before)


# BEIR


def test_the_most_relevant_document_is_the_evidence_and_the_others_are_alternatives(
    importing: Import, tmp_path: Path
) -> None:
    qrels = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t2\nq2\td1\t0\nq1\tabsent\t1\nabsent\td1\t1\n"
    summary = importing("beir", _beir(tmp_path, DOCUMENTS, QUERIES, qrels))
    (question,) = importing.questions
    assert question.evidence == (Evidence("d2.txt"),)
    assert question.alternatives == ((Evidence("d1.txt"),),)
    assert summary.left_out == {
        "judgements below 1": 1,
        "judgements of documents that are not there": 1,
        "queries without a relevant document": 1,
        "judgements of queries that are not there": 1,
    }


def test_qrels_need_no_header_and_may_be_of_another_split_or_elsewhere(importing: Import, tmp_path: Path) -> None:
    source = _beir(tmp_path, DOCUMENTS, QUERIES, "q1\td1\t1\n", split="dev")
    importing("beir", source, split="dev")
    assert len(importing.questions) == 1
    with pytest.raises(QuestionSetError, match="splits: dev"):
        importing("beir", source, force=True)
    elsewhere = tmp_path / "q.tsv"
    elsewhere.write_text("q2\td2\t1\n", "utf-8")
    importing("beir", source, qrels=elsewhere, force=True)
    assert [question.id for question in importing.questions] == ["q2"]


def test_a_document_without_text_becomes_its_title_and_one_without_either_is_left_out(
    importing: Import, tmp_path: Path
) -> None:
    corpus = [
        {"_id": 1, "title": "Only a title", "text": ""},
        {"_id": "2", "text": " \n"},
        {"_id": "3", "text": "\x00\x01\x02"},
    ]
    summary = importing("beir", _beir(tmp_path, corpus, QUERIES, "q1\t1\t1\nq2\t2\t1\n"))
    assert importing.text("1.txt") == "Only a title"
    assert summary.documents == 1
    assert summary.left_out["documents: it is empty"] == 1
    assert summary.left_out["documents: it is binary, not text"] == 1
    assert summary.left_out["questions: none of their documents can be read"] == 1
    assert [question.id for question in importing.questions] == ["q1"]


@pytest.mark.parametrize(
    ("corpus", "queries", "qrels", "place"),
    [
        ([{"text": "a"}], QUERIES, "", "corpus.jsonl:1: '_id' should be text"),
        ([{"_id": True, "text": "a"}], QUERIES, "", "corpus.jsonl:1: '_id' should be text"),
        ([{"_id": "a", "text": 5}], QUERIES, "", "corpus.jsonl:1: 'text' should be text"),
        ([3], QUERIES, "", "corpus.jsonl:1: not a JSON object"),
        ([*DOCUMENTS, DOCUMENTS[0]], QUERIES, "", "corpus.jsonl:3: the id 'd1' stands in line 1 too"),
        (DOCUMENTS, [QUERIES[0], QUERIES[0]], "q1\td1\t1", "queries.jsonl:2: the id 'q1' stands in line 1 too"),
        (DOCUMENTS, [{"_id": "q", "text": " "}], "q1\td1\t1", "queries.jsonl:1: a query without text"),
        (DOCUMENTS, QUERIES, "h\th\th\nq1 d1 1\n", "test.tsv:2: should be query-id"),
        (DOCUMENTS, QUERIES, "q1\td1\t1\nq1\td1\tmany\n", "test.tsv:2: should be query-id"),
        (DOCUMENTS, QUERIES, "", "test.tsv is empty"),
    ],
)
def test_a_malformed_beir_file_is_named_with_its_line(
    importing: Import, tmp_path: Path, corpus: list[Any], queries: list[Any], qrels: str, place: str
) -> None:
    source = _beir(tmp_path, corpus, queries, qrels)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(QuestionSetError) as raised:
        importing("beir", source)
    assert place in str(raised.value)
    assert importing.left_nothing(before)


def test_thousands_of_documents_are_written_one_file_each(importing: Import, tmp_path: Path) -> None:
    corpus = [{"_id": str(number), "title": f"Title {number}", "text": f"Text {number}."} for number in range(2_000)]
    summary = importing("beir", _beir(tmp_path, corpus, QUERIES, "q1\t1999\t1\n"))
    assert summary.documents == 2_000
    document = documents_of_corpus(Corpus.open(importing.corpus)).open("1999.txt")
    assert (document.text, document.title) == ("Text 1999.", "Title 1999")


# natoqa's own form with a corpus.jsonl


def test_the_own_form_keeps_questions_as_they_stand(importing: Import, tmp_path: Path) -> None:
    home = tmp_path / "own"
    home.mkdir()
    (home / "corpus.jsonl").write_text(
        "\n".join(json.dumps({**item, "id": item["_id"]}) for item in DOCUMENTS), "utf-8"
    )
    lines = [
        {"id": "a", "question": "Both?", "answerable": True, "evidence": [{"document": "d1"}, {"document": "d2"}]},
        {"id": "b", "question": "No?", "answerable": False, "history": ["Yes?"], "tags": ["x"]},
        {
            "id": "c", "question": "Quote?", "answerable": True, "evidence": [{"document": "d1", "quote": "Alfa."}],
            "alternatives": [[{"document": "gone"}], [{"document": "d2", "quote": "Beta."}]],
        },
        {"id": "d", "question": "Gone?", "answerable": True, "evidence": [{"document": "gone"}]},
    ]  # fmt: skip
    (home / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    summary = importing("jsonl", home)
    both, no, quote = importing.questions
    assert both.evidence == (Evidence("d1.txt"), Evidence("d2.txt"))
    assert (no.history, no.tags, no.evidence) == (("Yes?",), ("x",), ())
    assert quote.evidence == (Evidence("d1.txt", "Alfa."),)
    assert quote.alternatives == ((Evidence("d2.txt", "Beta."),),)
    assert (summary.quotes, summary.quotes_missing) == (2, 1)
    assert "question c: the quote 'Alfa.' does not stand in d1.txt" in summary.notes
    assert summary.left_out == {
        "pieces of evidence that name no document": 2,
        "questions: none of their documents can be read": 1,
    }


# The folder of documents

AWKWARD = [
    "plain-1.a", "../up", "/etc/passwd", "", " ", ".", "..", ".hidden", "x" * 300, "ünïcode", "日本", "A", "a", "Á",
    "a/b", "con", "NUL.txt", "readme", "README", "metadata.toml", "a\x00b", "a\nb", "e\u0301", "é", "-rf", "\ud800",
    "https://x.org/y?z=1", "trailing.", "trailing ", "%2e%2e", "document", "C:\\x", "a\\b",
]  # fmt: skip


def test_awkward_ids_become_files_of_the_folder_and_each_its_own(importing: Import, tmp_path: Path) -> None:
    corpus = [{"_id": identity, "text": f"Text of {number}."} for number, identity in enumerate(AWKWARD)]
    queries = [{"_id": f"q{number}", "text": "what"} for number in range(len(AWKWARD))]
    home = tmp_path / "own"
    home.mkdir()
    (home / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)), "utf-8")
    lines = [
        {"id": query["_id"], "question": "w", "answerable": True, "evidence": [{"document": identity}]}
        for query, identity in zip(queries, AWKWARD, strict=True)
        if identity.strip() and identity != "\ud800"  # a question set refuses half a character
    ]
    (home / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    importing("jsonl", home)
    files = [path.relative_to(importing.corpus) for path in importing.corpus.rglob("*")]
    assert len(files) == len(AWKWARD) + 1
    assert all(len(path.parts) == 1 for path in files)
    assert {path.name for path in tmp_path.iterdir()} == {"own", "imported", "set.jsonl"}
    assert importing.text("plain-1.a.txt") == "Text of 0."
    for question in importing.questions:
        number = question.id.removeprefix("q")
        assert importing.text(question.evidence[0].document) == f"Text of {number}."


@given(st.lists(st.text(max_size=300)))
def test_names_are_safe_and_distinct_for_any_ids(identities: list[str]) -> None:
    names = safe_names(identities)
    assert names.keys() == set(identities)
    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert name.isascii()
        assert 0 < len(name) <= 100
        assert not set(name) & set('/\\:*?"<>| \x00')
        assert name[0] not in ".-"


def test_a_title_is_data_and_not_toml(importing: Import, tmp_path: Path) -> None:
    title = 'A "quoted" \\ title\n[table]\x7f\ud800'
    importing("beir", _beir(tmp_path, [{"_id": "d", "title": title, "text": "T."}], QUERIES, "q1\td\t1\n"))
    document = documents_of_corpus(Corpus.open(importing.corpus)).open("d.txt")
    assert document.title == 'A "quoted" \\ title [table] ?'


def test_a_folder_with_files_of_its_owner_is_never_replaced(importing: Import, tmp_path: Path) -> None:
    importing.corpus.mkdir()
    mine = importing.corpus / "mine.txt"
    mine.write_text("Mine.", "utf-8")
    source = _beir(tmp_path, DOCUMENTS, QUERIES, "q1\td1\t1\n")
    for force in (False, True):
        with pytest.raises(CorpusError, match="no import wrote"):
            importing("beir", source, force=force)
    assert mine.read_text("utf-8") == "Mine."
    assert not importing.out.exists()


def test_an_earlier_import_is_replaced_whole_when_forced(importing: Import, tmp_path: Path) -> None:
    importing.corpus.mkdir()  # empty: as good as none
    source = _beir(tmp_path, DOCUMENTS, QUERIES, "q1\td1\t1\n")
    importing("beir", source)
    with pytest.raises(QuestionSetError, match="--force"):
        importing("beir", source)
    importing.out.unlink()
    with pytest.raises(CorpusError, match="--force"):
        importing("beir", source)
    (source / "corpus.jsonl").write_text(json.dumps({"_id": "d1", "text": "New."}), "utf-8")
    importing("beir", source, force=True)
    assert sorted(path.name for path in importing.corpus.iterdir()) == ["d1.txt", "metadata.toml"]
    assert importing.text("d1.txt") == "New."
    (importing.corpus / "added.txt").write_text("By hand.", "utf-8")
    with pytest.raises(CorpusError, match="no import wrote"):
        importing("beir", source, force=True)


def test_a_question_set_among_the_documents_is_refused(importing: Import, tmp_path: Path) -> None:
    importing.out = importing.corpus / "set.jsonl"
    with pytest.raises(QuestionSetError, match="among the documents"):
        importing("beir", _beir(tmp_path, DOCUMENTS, QUERIES, "q1\td1\t1\n"))


def test_an_output_that_cannot_be_written_leaves_nothing_behind(importing: Import, tmp_path: Path) -> None:
    source = _beir(tmp_path, DOCUMENTS, QUERIES, "q1\td1\t1\n")
    blocked = tmp_path / "file"
    blocked.write_text("x", "utf-8")
    before = set(tmp_path.rglob("*"))
    importing.out = blocked / "set.jsonl"
    with pytest.raises(QuestionSetError, match="cannot be written"):
        importing("beir", source)
    importing.out, importing.corpus = tmp_path / "set.jsonl", blocked / "corpus"
    with pytest.raises(CorpusError, match="cannot be"):
        importing("beir", source)
    assert importing.left_nothing(before)


@pytest.mark.parametrize("name", ["squad", "beir", "jsonl", "csv", "trec"])
@pytest.mark.parametrize("content", [None, b"", b" \n", b"\x00\xff\xfe\x01", b"\xe9t\xe9", "folder"])
def test_a_source_that_is_no_such_file_is_explained_in_one_line(
    importing: Import, tmp_path: Path, name: str, content: bytes | str | None
) -> None:
    source = tmp_path / "source"
    if isinstance(content, bytes):
        source.write_bytes(content)
    elif content:
        source.mkdir()
    before = set(tmp_path.rglob("*"))
    with pytest.raises(NatoqaError) as raised:
        importing(name, source, queries=source)
    assert "source" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert importing.left_nothing(before)


# Spreadsheets


@pytest.fixture
def table(importing: Import, tmp_path: Path) -> Callable[..., ImportSummary]:
    """Import a CSV file over a corpus of two documents."""
    home = tmp_path / "corpus"
    (home / "notes").mkdir(parents=True)
    (home / "a.txt").write_text("Peru paid 5 million.", "utf-8")
    (home / "notes" / "b.md").write_text("# B\n\nChile “did not” pay.", "utf-8")
    importing.documents = lambda: documents_of_corpus(Corpus.open(home))

    def run(content: str | bytes, *, force: bool = False) -> ImportSummary:
        path = tmp_path / "set.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return importing("csv", path, force=force)

    return run


def test_a_row_becomes_a_question(importing: Import, table: Callable[..., ImportSummary]) -> None:
    summary = table(
        "Id,Question,Answer,Document,Quote,Answerable,Tags,History,Note\n"
        'p-1,"Who paid,\nand how much?",Peru | 5 million,a,Peru paid 5 million.,,"fact; topic:peru",One? | Two?,mine\n'
        ",Who sang?,,,,no,,,\n"
        "\n"
        ',Chile?,,notes/b.md,"Chile ""did not"" pay.",yes,"a,b,a",,\n'
    )
    assert importing.questions == (
        Question(
            "p-1", "Who paid, and how much?", True, ("Peru", "5 million"), (Evidence("a.txt", "Peru paid 5 million."),),
            history=("One?", "Two?"), tags=("fact", "topic:peru"), line=1,
        ),
        Question("q4", "Who sang?", False, line=2),
        Question("q6", "Chile?", True, (), (Evidence("notes/b.md", 'Chile "did not" pay.'),), tags=("a", "b"), line=3),
    )  # fmt: skip
    assert summary.notes == ("the column 'note' is not read",)
    assert (summary.quotes, summary.quotes_missing) == (2, 0)


@pytest.mark.parametrize(
    "content",
    [
        "question;document\nWer, und wo?;a\n",
        "question\tdocument\nWer, und wo?\ta\n",
        "sep=;\nquestion;document\nWer, und wo?;a\n",
        'document,question\na,"Wer, und wo?"\n',
        b"\xef\xbb\xbf" + b"question;document\r\nWer, und wo?;a\r\n",
        "question;document\nWer, und wo?;a\n".encode("utf-16"),
    ],
)
def test_delimiter_and_encoding_are_found_out(
    importing: Import, table: Callable[..., ImportSummary], content: str | bytes
) -> None:
    table(content)
    (question,) = importing.questions
    assert (question.question, question.evidence) == ("Wer, und wo?", (Evidence("a.txt"),))


def test_a_table_of_another_code_page_is_read_and_said_so(
    importing: Import, table: Callable[..., ImportSummary]
) -> None:
    asked = ("Wofür zahlte die Regierung?", "Warum nicht für die Müllabfuhr, fragten die Bürger?", "Wem gehören Häfen?")
    summary = table(("question;answerable\n" + "".join(f"{text};no\n" for text in asked)).encode("cp1252"))
    assert tuple(question.question for question in importing.questions) == asked
    assert "read as" in summary.notes[0]


def test_a_quote_or_document_that_is_not_there_is_kept_and_reported(
    importing: Import, table: Callable[..., ImportSummary]
) -> None:
    summary = table("question,document,quote\nWho?,a,Peru paid 6 million.\nWhere?,zzz,Nowhere.\n")
    assert (summary.questions, summary.quotes, summary.quotes_missing) == (2, 2, 2)
    assert "does not stand in a.txt" in summary.notes[0]
    assert "names no document: zzz" in summary.notes[1]
    assert importing.questions[0].evidence == (Evidence("a.txt", "Peru paid 6 million."),)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("question,answer\n", "a header and no question"),
        ("query,answer\nWho?,x\n", "set.csv:1: there is no column 'question'"),
        ("question,question\nWho?,x\n", "set.csv:1: there are two columns 'question'"),
        ("question,document\n,a\nWho?,a\n,a\n", "set.csv:2: no question (and 1 more: line 4)"),
        ("question,answerable\nWho?,perhaps\n", "set.csv:2: 'perhaps' under 'answerable'"),
        ("question,answerable\nWho?,yes\n", "set.csv:2: answerable, but no document"),
        ("question,quote\nWho?,x\n", "set.csv:2: a quote, but no document"),
        ("question,id\nWho?,x\nWhat?,x\n", "set.csv:3: the id 'x' stands in line 2 too"),
        ("question,id\nWho?,x,y\n", "set.csv:2: 3 cells under 2 columns"),
        ('question,id\nWho?,x\n"open,y\n', "set.csv:3: not CSV"),
        ("question,id\nWho?," + "x" * 140_000 + "\n", "set.csv:2: not CSV"),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_nothing_is_written(
    importing: Import, table: Callable[..., ImportSummary], content: str, complaint: str
) -> None:
    with pytest.raises(QuestionSetError) as raised:
        table(content)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not importing.out.exists()


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_many_rows_are_read(importing: Import, table: Callable[..., ImportSummary], count: int) -> None:
    summary = table("question,document\n" + "".join(f"Who paid {number}?,a\n" for number in range(count)))
    assert summary.questions == count
