"""Questions to begin with and questions to go on with, made of the documents' own sentences and tried out first.

No language model: rules turn sentences into questions (:mod:`natoqa.proposing`), and a question is suggested only after
it was asked and the sentence it was made of stood in the answer. Where the rules find little, as in tables or in
another language than English, there are few suggestions or none.

Nothing is written to the index folder. Whoever reads an index need not be allowed to write there, trying the questions
out takes a second at most, and an answer depends on settings and calibration that change without a new generation; so
suggestions live in memory, one copy for all sessions, and are forgotten when another generation is live.
"""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from natoqa.assistant import Assistant
from natoqa.excerpting import of_hit, passages_around, sample
from natoqa.live import LiveAssistant
from natoqa.proposing.candidates import Candidate, candidates_in
from natoqa.proposing.choosing import Chosen, stems_of
from natoqa.proposing.clauses import names_of
from natoqa.store import Generation
from natoqa.types import Answer

# Read for the questions to go on with: the best hits, beside what stands around the citations.
READ_HITS = 12
# Passages of the quoted documents that are read beyond those, where they do not do.
_FURTHER = 16
# Share of the way from the threshold to certainty: what is offered unasked should be answered with some ease.
_OPENING_EASE = 0.4
_FOLLOWING_EASE = 0.2
# Questions that are tried: for each that is wanted to begin with, and beyond those that are wanted to go on with.
_OPENING_TRIES = 6
_FOLLOWING_TRIES = 1
# What another question of the same document, or of the same kind, costs in the choice.
_DOCUMENT_AGAIN = 3.0
_KIND_AGAIN = 1.2
_REMEMBERED = 4_096


@dataclass(frozen=True)
class _Memory:
    """What was found out with one assistant, while it lives. ``tried``: the confidence, 0 for a wrong answer."""

    assistant: Callable[[], Assistant | None]
    openings: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = field(default_factory=dict)
    tried: dict[tuple[Candidate, tuple[str, ...]], float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Suggester:
    """Suggests questions that ``assistant`` answers. May be shared between threads; goes along with a live assistant.

    Equal corpora, settings and calibrations give equal suggestions.
    """

    def __init__(self, assistant: Assistant | LiveAssistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._memory = _Memory(lambda: None)

    def opening(self, count: int = 6, documents: Sequence[str] = ()) -> tuple[str, ...]:
        """At most ``count`` questions to begin with, of different documents and kinds as far as there are any.

        ``documents`` are glob patterns over document ids, as for :meth:`~natoqa.assistant.Assistant.ask`; where none
        matches there is nothing to suggest. The first call takes a second, later ones nothing: to be called in a
        thread when the chat begins.
        """
        patterns = tuple(documents)
        with self._pinned() as assistant:
            memory = self._memory_of(assistant)
            with memory.lock:
                if (count, patterns) not in memory.openings:
                    if len(memory.openings) >= _REMEMBERED:
                        memory.openings.clear()
                    memory.openings[count, patterns] = tuple(_opening(assistant, memory, count, patterns))
                return memory.openings[count, patterns]

    def following(
        self, answer: Answer, count: int = 3, *, asked: Sequence[str] = (), documents: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """At most ``count`` questions to go on with, the nearest to ``answer`` first; none of ``asked`` again.

        They are made of what the answer found and of what stands around its citations; where that does not do, of
        the rest of the documents that it quotes. Each was asked: a cheaper proof would be none, since a sentence that
        is found need not be the one that is shown. Costs one warm question more than ``count``, and some reading. The
        answer may be an older generation's. Raises QuestionError when no document matches.
        """
        with self._pinned() as assistant:
            memory = self._memory_of(assistant)
            chosen = _following(
                assistant, memory, answer, count, asked=(answer.question, *asked), documents=tuple(documents)
            )
            return tuple(candidate.proposal.question for candidate in chosen)

    def _pinned(self) -> AbstractContextManager[Assistant]:
        held = self._assistant
        return held.pinned() if isinstance(held, LiveAssistant) else nullcontext(held)

    def _memory_of(self, assistant: Assistant) -> _Memory:
        with self._lock:
            if self._memory.assistant() is not assistant:
                # Held weakly: an old generation is not to be kept open for what was once suggested.
                self._memory = _Memory(weakref.ref(assistant))
            return self._memory


def _opening(assistant: Assistant, memory: _Memory, count: int, documents: tuple[str, ...]) -> Iterator[str]:
    generation = assistant.generation
    left = candidates_in([*sample(generation, documents)])
    worth = {candidate: candidate.proposal.score + _chance(generation, candidate) for candidate in left}
    used: Counter[str] = Counter()
    chosen = Chosen()
    for _ in range(count * _OPENING_TRIES):
        left = [candidate for candidate in left if not chosen.covers(candidate)]
        if not left or len(chosen.candidates) == count:
            return
        best = max(
            left,
            key=lambda candidate: (
                worth[candidate]
                - _DOCUMENT_AGAIN * used[f"in {candidate.document}"]
                - _KIND_AGAIN * used[candidate.proposal.kind]
            ),
        )
        left.remove(best)
        if _answers(assistant, memory, best, documents, _OPENING_EASE):
            used.update((f"in {best.document}", best.proposal.kind))
            chosen.add(best)
            yield best.proposal.question


def _following(
    assistant: Assistant,
    memory: _Memory,
    answer: Answer,
    count: int,
    *,
    asked: Sequence[str],
    documents: tuple[str, ...],
) -> list[Candidate]:
    shown = answer.citations or answer.nearest
    quotes = {(citation.document, citation.quote) for citation in shown}
    around = [*passages_around(assistant.generation, shown)]
    excerpts = [*around, *map(of_hit, answer.hits[:READ_HITS])]
    place = {
        (excerpt.document, sentence): number
        for number, excerpt in reversed([*enumerate(excerpts)])
        for sentence in excerpt.sentences
    }
    said = " ".join((answer.question, *(citation.quote for citation in shown)))
    about, named, topic = stems_of(said), names_of(said), names_of(answer.question)
    cited = {citation.document for citation in shown}

    def nearness(candidate: Candidate) -> float:
        stems = stems_of(candidate.proposal.question)
        return (
            2.0 * len(stems & about) / max(1, len(stems))
            + (candidate.document in cited)
            + 4.0 / (4.0 + place.get((candidate.document, candidate.quote), len(excerpts)))
            + 0.3 * candidate.proposal.score
        )

    def is_related(candidate: Candidate) -> bool:
        return (candidate.document, candidate.quote) not in quotes and (
            place.get((candidate.document, candidate.quote), len(around)) < len(around)
            or bool(names_of(candidate.proposal.question) & named)
            or bool(names_of(candidate.quote) & topic)
        )

    def elsewhere() -> list[Candidate]:
        read = [excerpt for excerpt in excerpts if excerpt.document in cited]
        sampled = sample(assistant.generation, sorted(cited), _FURTHER) if cited else ()
        found = candidates_in([*read, *(excerpt for excerpt in sampled if excerpt not in read)])
        return [item for item in found if (item.document, item.quote) not in quotes]

    chosen = Chosen(asked)
    tries = count + _FOLLOWING_TRIES
    kinds: Counter[str] = Counter()
    left = [item for item in candidates_in(excerpts) if is_related(item)]
    # What stands further off in the documents that were quoted is read when the rest does not do.
    further: Callable[[], list[Candidate]] | None = elsewhere
    while tries and len(chosen.candidates) < count:
        left = [candidate for candidate in left if not chosen.covers(candidate)]
        if not left:
            if further is None:
                break
            left, further = further(), None
            continue
        best = max(left, key=lambda item: nearness(item) - 0.5 * kinds[item.proposal.kind])
        left.remove(best)
        tries -= 1
        if _answers(assistant, memory, best, documents, _FOLLOWING_EASE):
            kinds[best.proposal.kind] += 1
            chosen.add(best)
    return chosen.candidates


def _answers(
    assistant: Assistant, memory: _Memory, candidate: Candidate, documents: tuple[str, ...], ease: float
) -> bool:
    """Whether the candidate's sentence stands in the answer to its question, and the answer is sure enough."""
    key = (candidate, documents)
    confidence = memory.tried.get(key)
    if confidence is None:
        answer = assistant.ask(candidate.proposal.question, documents)
        is_shown = any(
            (item.document, item.quote) == (candidate.document, candidate.quote) for item in answer.citations
        )
        confidence = answer.confidence if is_shown else 0.0
        if len(memory.tried) >= _REMEMBERED:
            memory.tried.clear()
        memory.tried[key] = confidence
    return confidence > 0.0 and confidence >= assistant.threshold + ease * (1.0 - assistant.threshold)


def _chance(generation: Generation, candidate: Candidate) -> float:
    """Between 0 and 1, the same for equal corpora: chooses among equals, so that no document is always the first."""
    key = f"{generation.corpus_hash} {candidate.document} {candidate.proposal.question}"
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[0] / 256
