"""Do the sources answer? A few signals from what was found, a calibrated probability, and a reason in words.

The signals compare the question with *windows*, a sentence and the one before it: a fact that is spread over two
sentences still counts, one that is spread over a document does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from natoqa.calibration import sigmoid
from natoqa.late_interaction import inverse_document_frequency, maxsim
from natoqa.protocols import Floats
from natoqa.retrieval import Findings
from natoqa.terms import Term, content_stems

_HITS = 12
_DIGIT = re.compile(r"\d")
_MOST_WORDS_NAMED = 4


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer, each between 0 and 1 or nearly so.

    closeness: MaxSim of the best sentence. weakest: how near the best window comes to the question's least matched
    word. coverage: idf share of the question's words that stand literally in one window. names: the same for names and
    figures alone, in the best window; 1 when the question has none. dense: cosine of the nearest passage.
    """

    closeness: float
    weakest: float
    coverage: float
    names: float
    dense: float


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """P(answerable) = 1 / (1 + exp(-(intercept + weights · signals)))."""

    intercept: float
    weights: Signals

    def probability(self, signals: Signals) -> float:
        """Between 0 and 1; the classes counted as equally likely."""
        products = (weight * signal for weight, signal in zip(astuple(self.weights), astuple(signals), strict=True))
        return sigmoid(self.intercept + math.fsum(products))


# Fitted by bench/answerability.py on public question sets that are used for nothing else; see docs/decisions/0005.
FITTED = LogisticModel(
    intercept=-10.302,
    weights=Signals(closeness=7.565, weakest=1.015, coverage=1.321, names=2.041, dense=4.397),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The probability that the sources answer, not yet calibrated, and why they might not."""

    probability: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The question's content words against every window: ``similar`` and ``present`` are (windows, words)."""

    words: tuple[Term, ...]
    frequencies: tuple[int, ...]
    importance: Floats
    similar: Floats
    present: npt.NDArray[np.bool_]

    @property
    def best(self) -> int:
        """The window that matches best, by likeness and by the letter."""
        return int(np.argmax((self.similar + self.present) @ self.importance))


def judge(findings: Findings, model: LogisticModel = FITTED) -> Judgement:
    """Weigh the evidence of a search."""
    if not _quotable(findings).any():
        return Judgement(0.0, "No passage shares a word or a meaning with the question.")
    comparison = _compare(findings)
    return Judgement(model.probability(_signals(findings, comparison)), _reason(comparison))


def signals(findings: Findings) -> Signals:
    """The signals that the model weighs. ``findings`` must hold at least one sentence that can be quoted."""
    return _signals(findings, _compare(findings))


def _signals(findings: Findings, comparison: _Comparison) -> Signals:
    weights = np.asarray([token.weight for token in findings.tokens], dtype=np.float32)
    quotable = _quotable(findings)
    best = comparison.best
    named = np.asarray([_is_name(word) for word in comparison.words])
    weight_of_names = float(comparison.importance[named].sum())
    return Signals(
        closeness=float(maxsim(findings.similarities[: len(quotable)][quotable], weights).max()),
        weakest=float(comparison.similar[best].min()),
        coverage=float((comparison.present @ comparison.importance).max()),
        names=float(comparison.present[best] @ (comparison.importance * named)) / weight_of_names
        if weight_of_names > 0
        else 1.0,
        dense=max(hit.parts.dense for hit in findings.hits[:_HITS]),
    )


def _compare(findings: Findings) -> _Comparison:
    hits = findings.hits[:_HITS]
    content = [index for index, term in enumerate(findings.terms) if not term.is_function_word]
    chosen = content or list(range(len(findings.terms)))
    words = tuple(findings.terms[index] for index in chosen)
    frequencies = tuple(findings.frequencies[index] for index in chosen)
    idf = inverse_document_frequency(np.asarray(frequencies, dtype=np.int64), findings.passages)
    # A word's likeness is the mean over its tokens of the best cosine each found.
    share = np.asarray(
        [[float(token.term == index) for index in chosen] for token in findings.tokens], dtype=np.float32
    )
    share /= np.maximum(share.sum(axis=0), 1.0)
    similar: list[Floats] = []
    present: list[list[bool]] = []
    row = 0
    for hit in hits:
        own = findings.similarities[row : row + len(hit.sentences)] @ share
        row += len(hit.sentences)
        similar.append(np.maximum(own, np.vstack([own[:1], own[:-1]])))
        named_above = _stems(hit.title) | _stems(hit.passage.heading)
        before: frozenset[str] = frozenset()
        for scored in hit.sentences:
            stems = _stems(scored.text)
            present.append([word.stem in stems | before | named_above for word in words])
            before = stems
    quotable = _quotable(findings)
    importance = idf / max(float(idf.sum()), 1e-9)
    return _Comparison(words, frequencies, importance, np.vstack(similar)[quotable], np.asarray(present)[quotable])


@lru_cache(maxsize=1 << 13)
def _stems(text: str) -> frozenset[str]:
    # The same sentences come up for question after question.
    return frozenset(content_stems(text))


def _quotable(findings: Findings) -> npt.NDArray[np.bool_]:
    """Which sentences of the first hits could be shown: a heading must not vouch for an answer that it cannot give."""
    return np.asarray(
        [scored.sentence.kind.is_quotable for hit in findings.hits[:_HITS] for scored in hit.sentences], dtype=bool
    )


def _is_name(word: Term) -> bool:
    # The first word of a question is written large whatever it is.
    return bool(_DIGIT.search(word.text)) or (word.start > 0 and word.text[:1].isupper())


def _reason(comparison: _Comparison) -> str:
    unknown = [word.text for word, count in zip(comparison.words, comparison.frequencies, strict=True) if count == 0]
    if unknown:
        return f"No passage mentions {_listed(unknown, 'or')}."
    words = _listed([word.text for word in comparison.words], "and")
    if len(comparison.words) > 1 and not comparison.present.all(axis=1).any():
        return f"No two neighbouring sentences speak of {words} together."
    return f"Passages mention {words}, but none closely enough to what is asked."


def _listed(words: Sequence[str], conjunction: str) -> str:
    quoted = [f"‘{word}’" for word in dict.fromkeys(words)][:_MOST_WORDS_NAMED]
    return f" {conjunction} ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]]))
