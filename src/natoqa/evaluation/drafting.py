"""Questions about a corpus for a person to review: proposed by rules from its own sentences, spread over documents."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from natoqa.evaluation.files import refuse_existing, replacing
from natoqa.evaluation.questions import Evidence, Question, question_to_json
from natoqa.evaluation.sets.duplicates import content_words
from natoqa.proposing.candidates import Candidate, names_in
from natoqa.proposing.rules import propose, propose_for_heading
from natoqa.store import Generation
from natoqa.types import Document, Passage

DRAFT = "draft"
# Part of a score, so that another seed chooses among equals and not among unequals.
_JITTER = 0.9


def draft_questions(generation: Generation, count: int, seed: int = 0) -> tuple[Question, ...]:
    """At most ``count`` draft questions, the same for the same generation and seed.

    Each comes from one sentence, which is its evidence. Documents take turns, and so do kinds of question.
    """
    documents = {identity: generation.document(identity) for identity in generation.document_ids()}
    passages = [stored.passage for stored in generation.passages(range(generation.manifest.passages))]
    candidates = _candidates(documents, passages)
    chosen = _spread(candidates, count, random.Random(seed))  # noqa: S311 - a choice, not a secret
    return tuple(
        Question(
            id=f"{DRAFT}-{number:03d}",
            question=candidate.proposal.question,
            answerable=True,
            answers=(candidate.proposal.answer,) if candidate.proposal.answer else (),
            evidence=(Evidence(candidate.document, candidate.quote),),
            tags=(DRAFT, candidate.proposal.kind),
            draft=True,
        )
        for number, candidate in enumerate(chosen, start=1)
    )


def write_drafts(drafts: Sequence[Question], out: Path, *, force: bool = False) -> None:
    """Write drafts as a question set. Raises QuestionSetError when ``out`` exists already or cannot be written."""
    refuse_existing([out], force=force)
    with replacing(out) as file:
        file.writelines(question_to_json(question) + "\n" for question in drafts)


def _candidates(documents: dict[str, Document], passages: Sequence[Passage]) -> list[Candidate]:
    names = names_in(
        documents[passage.document].text[sentence.start : sentence.end]
        for passage in passages
        for sentence in passage.sentences
        if sentence.kind.is_quotable
    )
    found: list[Candidate] = []
    headed: set[tuple[str, str]] = set()
    for passage in passages:
        text = documents[passage.document].text
        for sentence in passage.sentences:
            quote = text[sentence.start : sentence.end]
            if not sentence.kind.is_quotable or text.count(quote) > 1:
                continue
            proposals = list(propose(quote, names))
            if passage.heading and (passage.document, passage.heading) not in headed:
                headed.add((passage.document, passage.heading))
                proposals += filter(None, [propose_for_heading(passage.heading)])
            found += (Candidate(passage.document, quote, proposal) for proposal in proposals)
    return found


def _spread(candidates: Sequence[Candidate], count: int, chance: random.Random) -> Iterator[Candidate]:
    """Candidates in turns: of each document the best that is left, of a kind that was seldom taken."""
    waiting: defaultdict[str, list[tuple[float, Candidate]]] = defaultdict(list)
    for candidate in candidates:
        waiting[candidate.document].append((candidate.proposal.score + _JITTER * chance.random(), candidate))
    order = sorted(waiting)
    chance.shuffle(order)
    kinds: Counter[str] = Counter()
    asked: set[frozenset[str]] = set()
    quoted: set[tuple[str, str]] = set()
    taken = 0
    while order and taken < count:
        for document in list(order):
            left = [
                (score - 0.1 * kinds[candidate.proposal.kind], candidate)
                for score, candidate in waiting[document]
                if (document, candidate.quote) not in quoted and content_words(candidate.proposal.question) not in asked
            ]
            if not left:
                order.remove(document)
                continue
            if taken == count:
                return
            _, best = max(left, key=lambda pair: pair[0])
            kinds[best.proposal.kind] += 1
            asked.add(content_words(best.proposal.question))
            quoted.add((document, best.quote))
            taken += 1
            yield best
