"""The page of a run says what the run says, and nothing that it quotes can act."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natoqa.evaluation import scoring
from natoqa.evaluation.comparison import Comparison, compare
from natoqa.evaluation.outcomes import Gold, Outcome, Shown, Verdict
from natoqa.evaluation.report import page as report
from natoqa.evaluation.report.page import render_report, threshold_of, worst_first
from natoqa.evaluation.report.question_views import mark_gold
from natoqa.evaluation.runs import Run
from natoqa.testing.runs import made_outcome, made_run, mixed_run

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)> \" onload='alert(1)' {{ run }} {% raw %} "
    "</title></style>--><!-- ]]> &lt;b&gt; javascript:alert(1) \x00\x1b[31m\x7f \ud800 \u202eevil\u202c שלום"
)


def _page(html: str) -> ET.Element:
    """The page as a tree; everything but script and style has to be well formed XML for that."""
    bare = re.sub(r"(?s)(<(script|style)>).*?(</\2>)", r"\1\3", html.removeprefix("<!DOCTYPE html>"))
    return ET.fromstring(bare)


def _text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _spaced(element: ET.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _named(page: ET.Element, attribute: str) -> dict[str, ET.Element]:
    return {element.get(attribute, ""): element for element in page.iter() if element.get(attribute) is not None}


def _data(element: ET.Element) -> list[float]:
    return [float(data.get("value", "nan")) for data in element.iter("data")]


def _class(page: ET.Element, name: str) -> Iterator[ET.Element]:
    return (element for element in page.iter() if name in (element.get("class") or "").split())


@pytest.fixture(scope="module")
def run() -> Run:
    return mixed_run(60, drafts=3, name="The harbour")


@pytest.fixture(scope="module")
def baseline() -> Run:
    return mixed_run(60, seed=1, settings={"answer": {"max_sentences": 2, "threshold": 0.5}})


@pytest.fixture(scope="module")
def comparison(baseline: Run, run: Run) -> Comparison:
    return compare(baseline, run)


@pytest.fixture(scope="module")
def page(run: Run, comparison: Comparison) -> ET.Element:
    return _page(render_report(run, comparison, "2025-12-24T10:00:00+00:00"))


def test_the_head_says_what_was_run(page: ET.Element, run: Run) -> None:
    head = _spaced(page.find("body/header"))
    for part in (
        "The harbour",
        "60 questions, asked on 2 January 2026, 03:04 UTC",
        "3 drafts in the set were left out",
        "natoqa 0.2.0",
        "0007",
        "a-small-model",
        "A Processor , 2 processors, 16.0 GiB",
        run.conditions.digest,
        run.conditions.question_set.digest,
        run.conditions.corpus_hash,
        f"seed {run.conditions.seed}",
        "threads 2",
        "numpy 2.0.0",
        "index.schema 3",
        "retrieval.candidates 50",
        "calibration.threshold 0.3",
    ):
        assert part in head


def test_without_drafts_none_are_mentioned() -> None:
    assert "draft" not in render_report(made_run([made_outcome("q")]))


def test_every_verdict_is_counted(page: ET.Element, run: Run) -> None:
    counts = {name: int(_text(item.find("b"))) for name, item in _named(page, "data-count").items()}
    assert counts == {v.value.replace(" ", "-"): sum(o.verdict is v for o in run.outcomes) for v in Verdict}
    assert all(counts.values())


def test_every_metric_has_its_value_interval_and_count(page: ET.Element, run: Run) -> None:
    rows = _named(page, "data-metric")
    assert rows.keys() == run.estimates.keys()
    for name, estimate in run.estimates.items():
        assert scoring.METRICS[name].title in _text(rows[name])
        if math.isnan(estimate.value):
            assert "does not apply" in _text(rows[name])
        else:
            figures = (estimate.value, estimate.interval.low, estimate.interval.high)
            assert _data(rows[name]) == [figure for figure in figures if not math.isnan(figure)]
        assert _text(rows[name].findall("td")[-1]) == str(estimate.questions)


def test_every_metric_has_a_group() -> None:
    assert "<caption>Others</caption>" not in render_report(made_run([made_outcome("q")]))


def test_a_group_without_any_figure_is_folded_away() -> None:
    page = _page(render_report(made_run([made_outcome("q", None)])))
    folded = {_text(details.find("summary")) for details in _class(page, "not-applied")}
    assert folded == {f"{group}: does not apply" for group in ("Answering", "Knowing when not to answer")}
    assert not list(_class(_page(render_report(mixed_run(20))), "not-applied"))


def test_times_and_memory(page: ET.Element, run: Run) -> None:
    stages = scoring.latency_by_stage(run.outcomes)
    shown = {stage: _data(row) for stage, row in _named(page, "data-stage").items()}
    assert shown == {stage: [times["p50"], times["p95"]] for stage, times in stages.items()}
    assert "12.5 seconds and at most 640 MiB" in _spaced(page)


def test_slices_are_those_of_the_run(page: ET.Element, run: Run) -> None:
    rows = _named(page, "data-slice")
    tagged = scoring.by_tag(run.outcomes)
    assert list(rows) == list(tagged)
    for tag, own in tagged.items():
        assert _text(rows[tag].findall("td")[0]) == str(len(own))
        for cell in rows[tag].findall("td")[1:]:
            value = scoring.measure(scoring.METRICS[cell.get("data-slice-metric", "")], own)
            assert _data(cell) == ([] if math.isnan(value) else [value])


def test_charts_are_there_with_the_threshold_at_work(page: ET.Element, run: Run) -> None:
    titles = [svg.find("title").text or "" for svg in _class(page, "chart")]
    assert len(titles) == 4
    answered = [outcome for outcome in run.outcomes if not outcome.abstained]
    wrong = sum(not outcome.correct for outcome in answered)
    assert f"used: {len(answered) / 60 * 100:.3g} % answered, {wrong / len(answered) * 100:.3g} % of it" in titles[0]
    assert "threshold 0.3" in titles[2]
    assert "60 questions" in titles[3]


def test_the_threshold_is_the_setting_before_the_calibration() -> None:
    calibrated = {"calibration": {"threshold": 0.4}}
    assert threshold_of({"answer": {"threshold": 0.0}} | calibrated) == 0.0
    assert threshold_of({"answer": {"threshold": None}} | calibrated) == 0.4
    assert threshold_of({"answer": {}, "calibration": None}) is None
    assert threshold_of({}) is None


def test_every_question_is_listed_worst_first_with_what_came_of_it(page: ET.Element, run: Run) -> None:
    items = list(_class(page, "question"))
    ordered = worst_first(run.outcomes)
    assert [item.get("data-id") for item in items] == [outcome.id for outcome in ordered]
    for item, outcome in zip(items, ordered, strict=True):
        words = _spaced(item)
        assert outcome.verdict is not None
        for part in (outcome.question, outcome.verdict.value, *outcome.answers, *outcome.tags, *outcome.history):
            assert part in words
        assert (outcome.reason or "") in words
        assert float(item.get("data-confidence", "")) == outcome.confidence
        figures = {_text(pair.find("dt")): pair for pair in next(_class(item, "figures"))}
        for name, value in outcome.values.items():
            if name in figures:
                assert _data(figures[name]) == [value]
        assert _data(figures["milliseconds"]) == [outcome.timings_ms["total"]]
        assert ("withheld" in words) == outcome.abstained
        signs = [_text(sign) for sign in _class(item, "sign")]
        assert [sign[0] for sign in signs] == [
            "✓" if piece.covered else "✗" for pieces in outcome.evidence for piece in pieces
        ]


def test_ranks_are_told_of_the_reciprocal_and_the_hits() -> None:
    hits = {"sentence_hit@1": 0.0, "sentence_hit@3": 1.0, "sentence_hit@5": 1.0}
    words = [
        _spaced(next(_class(_page(render_report(made_run([made_outcome("q", values=values)]))), "figures")))
        for values in ({"mrr": 1 / 3} | hits, {"mrr": 0.0} | dict.fromkeys(hits, 0.0), {})
    ]
    assert "passage rank 3 sentence rank second or third" in words[0]
    assert "passage rank not found sentence rank beyond the 5th" in words[1]
    assert "rank" not in words[2]


def test_evidence_is_marked_in_the_answer_by_its_offsets(page: ET.Element) -> None:
    outcome = made_outcome(
        "q",
        shown=(Shown("d", "¶ 1", 100, 110, "abcdefghij"), Shown("other", "¶ 1", 100, 110, "abcdefghij")),
        evidence=(
            (Gold("d", 103, 105, "de", True), Gold("d", 109, 120, "j…", True)),
            (Gold("d", 104, 107, "efg", True),),
        ),
    )
    item = next(_class(_page(render_report(made_run([outcome]))), "question"))
    first, second = next(_class(item, "sentences")).iter("blockquote")
    assert [mark.text for mark in first.iter("mark")] == ["de", "fg", "j"]
    assert _text(first) == _text(second) == "abcdefghij"
    assert not list(second.iter("mark"))


@given(
    st.integers(0, 20),
    st.text(min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=5),
)
def test_marked_characters_are_those_inside_evidence(start: int, text: str, spans: list[tuple[int, int]]) -> None:
    gold = [Gold("d", at, at + length, "", True) for at, length in spans]
    pieces = mark_gold(Shown("d", "", start, start + len(text), text), gold)
    marked = "".join(("1" if piece.is_gold else "0") * len(piece.text) for piece in pieces)
    assert "".join(piece.text for piece in pieces) == text
    assert marked == "".join(
        str(int(any(at <= place < at + length for at, length in spans))) for place in range(start, start + len(text))
    )
    assert all(piece.text for piece in pieces)


def test_a_text_that_is_not_as_long_as_its_place_is_not_marked() -> None:
    pieces = mark_gold(Shown("d", "", 0, 5, "longer than five"), [Gold("d", 0, 5, "", True)])
    assert [(piece.text, piece.is_gold) for piece in pieces] == [("longer than five", False)]


def test_worst_are_confident_errors_then_false_abstentions_then_partial_answers() -> None:
    def made(name: str, verdict: Verdict | None, confidence: float = 0.5, **values: float) -> Outcome:
        return made_outcome(name, verdict, confidence=confidence, values=values)

    ordered = [
        made("1", Verdict.FALSE_ANSWER, 0.9),
        made("2", Verdict.WRONG, 0.8),
        made("3", Verdict.FALSE_ANSWER, 0.7),
        made("4", Verdict.FALSE_ABSTENTION, 0.1),
        made("5", Verdict.FALSE_ABSTENTION, 0.2),
        made("6", Verdict.PARTIAL, 0.4, evidence_recall=0.2),
        made("7", Verdict.PARTIAL, 0.9, evidence_recall=0.5),
        made("8", Verdict.PARTIAL, 0.8, evidence_recall=0.5),
        made("9", None, mrr=0.0),
        made("A", None, mrr=0.5),
        made("B", Verdict.RIGHT, 0.31),
        made("C", Verdict.RIGHT_ABSTENTION, 0.29),
        made("D", Verdict.RIGHT, 0.95),
    ]
    assert "".join(outcome.id for outcome in worst_first(reversed(ordered))) == "123456789ABCD"


@given(st.permutations([("a", Verdict.WRONG), ("b", Verdict.WRONG), ("c", Verdict.RIGHT), ("d", None)]))
def test_ties_go_by_id_whatever_the_order_of_the_run(pairs: list[tuple[str, Verdict | None]]) -> None:
    assert [o.id for o in worst_first(made_outcome(name, verdict) for name, verdict in pairs)] == ["a", "b", "d", "c"]


def test_differences_are_those_of_the_comparison(page: ET.Element, comparison: Comparison) -> None:
    rows = _named(page, "data-difference")
    assert rows.keys() == {difference.metric for difference in comparison.differences}
    for one in comparison.differences:
        expected = [one.baseline, one.new, one.difference, one.interval.low, one.interval.high, one.p, one.adjusted_p]
        assert _data(rows[one.metric]) == pytest.approx(expected, nan_ok=True, abs=0)
        word = _text(next(_class(rows[one.metric], "change")))
        if one.difference == 0:
            assert word == "same"
        elif one.better is not scoring.Better.NEITHER:
            assert word.startswith("worse" if one.is_worse else "better")
            assert (", " in word) != one.is_significant


def test_every_flip_is_listed_and_leads_to_its_question(page: ET.Element, comparison: Comparison) -> None:
    rows, ids = _named(page, "data-flip"), _named(page, "id")
    assert rows.keys() == {flip.id for flip in comparison.flips}
    for flip in comparison.flips:
        words = _spaced(rows[flip.id])
        assert words.index(flip.before.value) <= words.rindex(flip.after.value)
        link = next(rows[flip.id].iter("a")).get("href", "")
        assert ids[link[1:]].get("data-id") == flip.id
    words = [_text(next(_class(row, "change"))) for row in rows.values()]
    assert words == sorted(words, key=lambda word: word != "worse")


def test_conditions_that_changed_and_questions_without_a_partner_are_named(baseline: Run, run: Run) -> None:
    alone = made_run([*baseline.outcomes, made_outcome("only-here")], settings={"answer": {"max_sentences": 2}})
    html = render_report(run, compare(alone, run))
    comparing = _named(_page(html), "id")["comparison"]
    assert "answer.max_sentences 2 4" in _spaced(comparing)
    assert "1 question could not be paired" in _spaced(comparing)
    assert "only-here" in _spaced(comparing)


def test_without_a_comparison_there_is_no_trace_of_one(run: Run) -> None:
    html = render_report(run)
    assert "comparison" not in _named(_page(html), "id")
    assert "baseline" not in html.partition("<script>")[0].partition("</style>")[2]


@pytest.mark.parametrize(
    "made",
    [
        [made_outcome("q", Verdict.RIGHT)],
        [made_outcome(f"q{n}", Verdict.FALSE_ABSTENTION) for n in range(4)],
        [made_outcome(f"q{n}", Verdict.RIGHT_ABSTENTION) for n in range(4)],
        [made_outcome(f"q{n}", None, confidence=3.7 * n) for n in range(4)],
        [made_outcome("q", None, evidence=((Gold("doc", None, None, "", False),),), timings_ms={})],
        [made_outcome("q", Verdict.RIGHT, evidence=((Gold("harbour.txt", None, None, "", True),),))],
        [made_outcome("q", Verdict.WRONG, tags=(), values={}, timings_ms={}, answers=(), shown=(), confidence=0.0)],
        [made_outcome("q", Verdict.WRONG, confidence=17.0)],
        [made_outcome("q", Verdict.RIGHT, timings_ms={"total": 0.0}, confidence=1.0)],
    ],
    ids=["single", "all refused", "all silent", "rankings", "documents", "whole", "bare", "scores", "instant"],
)
def test_every_kind_of_run_can_be_rendered(made: list[Outcome]) -> None:
    run = made_run(made)
    page = _page(render_report(run, compare(run, run)))
    assert len(list(_class(page, "question"))) == len(made)
    assert not re.search(r"\bnan\b|\bNone\b|Undefined", _spaced(page.find("body")))


def test_an_empty_comparison_can_be_rendered(run: Run) -> None:
    words = _spaced(_named(_page(render_report(run, Comparison((), (), (), (), 0))), "id")["comparison"])
    for part in ("No metric changed.", "No question flipped", "The conditions are the same"):
        assert part in words


def test_evidence_without_a_quote_is_the_whole_document() -> None:
    outcome = made_outcome("q", None, evidence=((Gold("harbour.txt", None, None, "", False),),))
    item = next(_class(_page(render_report(made_run([outcome]))), "question"))
    assert "the whole document" in _spaced(item)
    assert "missed" not in _spaced(item)
    assert [_text(entry) for entry in next(_class(item, "ranking"))] == ["ledger.md", "harbour.txt ✓ gold"]


def test_of_very_many_questions_the_worst_are_listed(
    monkeypatch: pytest.MonkeyPatch, run: Run, comparison: Comparison
) -> None:
    monkeypatch.setattr(report, "LISTED", 5)
    page = _page(render_report(run, comparison))
    assert "Of 60 questions only the worst 5 are listed." in _spaced(page)
    listed = [item.get("data-id") for item in _class(page, "question")]
    assert listed == [outcome.id for outcome in worst_first(run.outcomes)[:5]]
    # A link that leads nowhere is no link.
    for name, row in _named(page, "data-flip").items():
        assert bool(list(row.iter("a"))) == (name in listed)


@pytest.fixture(scope="module")
def hostile_html() -> str:
    outcomes = [
        made_outcome(
            f"{verdict} {HOSTILE}",
            verdict,
            question=HOSTILE,
            reason=HOSTILE,
            answers=(HOSTILE,),
            evidence=((Gold(HOSTILE, 0, 5, HOSTILE, True), Gold(HOSTILE, None, None, "", False)),),
            tags=(HOSTILE, "fact"),
            history=(HOSTILE,),
            shown=(Shown(HOSTILE, HOSTILE, 0, len(HOSTILE), HOSTILE),),
            withheld=(Shown(HOSTILE, HOSTILE, 0, len(HOSTILE), HOSTILE),),
            ranking=(HOSTILE,),
            timings_ms={HOSTILE: 1.0, "total": 2.0},
        )
        for verdict in (*Verdict, None)
    ]
    settings = {HOSTILE: {HOSTILE: HOSTILE}}
    run = made_run(outcomes, name=HOSTILE, settings=settings, date=HOSTILE)
    before = made_run([*outcomes[1:], made_outcome(HOSTILE)], settings={HOSTILE: {HOSTILE: "<b>other</b>"}})
    compared = compare(before, run)
    return render_report(run, compared, HOSTILE)


def test_hostile_text_is_shown_as_text_and_does_nothing(hostile_html: str) -> None:
    page = _page(hostile_html)
    assert [element.tag for element in page.iter()].count("script") == 1
    assert not {"img", "iframe", "object", "embed", "link", "base"} & {element.tag for element in page.iter()}
    assert not [name for element in page.iter() for name in element.attrib if name.startswith("on") or name == "style"]
    for item in _class(page, "question"):
        assert " ".join(re.sub("[\x00\x1b\x7f\ud800]", "\ufffd", HOSTILE).split()) in _text(item)
    hostile_html.encode("utf-8")  # a lone surrogate would not go into a file


def test_names_keep_their_writing_direction_to_themselves(hostile_html: str) -> None:
    parents = {child: parent for parent in _page(hostile_html).iter() for child in parent}
    for element in parents:
        if "\u202e" in (element.text or "") and element.tag not in ("title", "option"):
            chain = [element]
            while chain[-1] in parents:
                chain.append(parents[chain[-1]])
            assert any(link.tag in ("bdi", "svg") or link.get("dir") == "auto" for link in chain), element.tag


def test_nothing_outside_the_page_is_named(hostile_html: str, run: Run, comparison: Comparison) -> None:
    html = render_report(run, comparison)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", html)
    for source in (html, hostile_html):
        page = _page(source)
        ids = _named(page, "id")
        assert not [element for element in page.iter() if element.get("src") or element.get("action")]
        for link in _named(page, "href"):
            assert link[0] == "#"
            assert link[1:] in ids


def test_no_id_occurs_twice(hostile_html: str) -> None:
    ids = [element.get("id") for element in _page(hostile_html).iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_only_the_style_and_the_script_of_the_page_are_allowed(hostile_html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', hostile_html)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].split("; "))
    assert rules["default-src"] == "'none'"
    for kind in ("style", "script"):
        content = hostile_html.partition(f"<{kind}>")[2].partition(f"</{kind}>")[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"


def test_the_template_engine_is_loaded_when_a_report_is_made() -> None:
    code = "import natoqa.evaluation.report.page, sys; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_equal_runs_give_equal_pages(run: Run, comparison: Comparison) -> None:
    assert render_report(run, comparison) == render_report(mixed_run(60, drafts=3, name="The harbour"), comparison)
