"""PATH B, first half: dense + BM25 -> reciprocal rank fusion -> late interaction -> hits that explain themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from natoqa.discourse import points_back
from natoqa.errors import QuestionError
from natoqa.fusion import ranks, reciprocal_rank_fusion, standardise
from natoqa.generations import damaged
from natoqa.late_interaction import best_similarities, inverse_document_frequency, maxsim
from natoqa.protocols import Encoder, Encoding, Floats, Ints, LexicalIndex, VectorIndex
from natoqa.settings import RetrievalSettings
from natoqa.store import Generation, StoredPassage
from natoqa.terms import Term, analyse
from natoqa.types import Document, Hit, Passage, Ranks, ScoredSentence, ScoreParts, SentenceKind

LONGEST_QUESTION = 2_000
_WHITE_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class QuestionToken:
    """A token of the question: its share of the score, and the word it belongs to (None: punctuation)."""

    weight: float
    term: int | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a question found, with the evidence that :mod:`natoqa.answerability` weighs.

    ``frequencies`` holds how many of all ``passages`` have each of ``terms``. ``similarities`` is (s, q): for the s
    sentences of all hits, in order, the best cosine that each of the q ``tokens`` finds among the sentence's tokens.
    """

    question: str
    terms: tuple[Term, ...]
    frequencies: tuple[int, ...]
    passages: int
    tokens: tuple[QuestionToken, ...]
    hits: tuple[Hit, ...]
    similarities: Floats


@dataclass(frozen=True)
class Retriever:
    """Finds passages of one generation. Holds no state of its own and may be shared between threads."""

    generation: Generation
    encoder: Encoder
    vectors: VectorIndex
    lexical: LexicalIndex
    settings: RetrievalSettings

    def find(self, question: str, documents: Sequence[str] = ()) -> Findings:
        """Rank passages for a question, best first, at most ``settings.candidates`` of them.

        ``documents`` are glob patterns over document ids; none means all. Raises QuestionError for a question without
        a word, or one longer than LONGEST_QUESTION characters.
        """
        question, terms = understand(question)
        encoding = self.encoder.encode_question(question)
        among = self._among(documents)
        stems = [term.stem for term in terms if not term.is_function_word] or [term.stem for term in terms]
        dense, _ = self.vectors.search(encoding.vector, self.settings.depth, among)
        lexical_scores = self.lexical.scores(stems)
        lexical = _best(lexical_scores, self.settings.depth, among)
        rows = reciprocal_rank_fusion([dense, lexical])[: self.settings.candidates]
        tokens = self._weigh(encoding, terms)
        weights = np.asarray([token.weight for token in tokens], dtype=np.float32)

        stored = self.generation.passages(rows.tolist())
        opened = {name: self.generation.document(name) for name in {item.passage.document for item in stored}}
        passage_similarities, own_similarities = self._interact(encoding, stored)
        sentence_similarities = own_similarities.copy()
        for row in _pointing_back(stored, opened):
            # Taken from what the earlier sentence says itself: context must not travel down a whole paragraph.
            carried = self.settings.carried_context * own_similarities[row - 1]
            sentence_similarities[row] = np.maximum(own_similarities[row], carried)
        parts = np.stack(
            [
                np.asarray(self.generation.vectors[rows], dtype=np.float32) @ encoding.vector,
                lexical_scores[rows],
                maxsim(passage_similarities, weights),
            ]
        )
        if not np.isfinite(parts).all():
            raise damaged(self.generation.folder, "vectors that are not numbers")
        scores = self._mix(parts)
        sentence_scores = maxsim(sentence_similarities, weights)
        first_sentence = np.cumsum([0, *(len(item.passage.sentences) for item in stored)])
        dense_ranks, lexical_ranks = ranks(dense), ranks(lexical)
        hits: list[Hit] = []
        evidence: list[Floats] = []
        for position in np.lexsort((rows, -scores)).tolist():
            span = slice(first_sentence[position], first_sentence[position + 1])
            row = int(rows[position])
            hits.append(
                _hit(
                    opened[stored[position].passage.document],
                    stored[position].passage,
                    (sentence_scores[span] + self.settings.passage_share * scores[position]).tolist(),
                    score=float(scores[position]),
                    rank=Ranks(dense_ranks.get(row), lexical_ranks.get(row)),
                    parts=ScoreParts(*parts[:, position].tolist()),
                )
            )
            evidence.append(sentence_similarities[span])
        return Findings(
            question=question,
            terms=terms,
            frequencies=tuple(self.lexical.document_frequency(term.stem) for term in terms),
            passages=self.generation.manifest.passages,
            tokens=tokens,
            hits=tuple(hits),
            similarities=np.vstack(evidence) if evidence else np.empty((0, len(tokens)), dtype=np.float32),
        )

    def _among(self, documents: Sequence[str]) -> Ints | None:
        if not documents:
            return None
        chosen = [
            identity
            for identity in self.generation.document_ids()
            if any(pattern == identity or fnmatchcase(identity, pattern) for pattern in documents)
        ]
        if not chosen:
            raise QuestionError(f"no document matches {' '.join(documents)}; see: natoqa status")
        return self.generation.rows_of(chosen)

    def _weigh(self, encoding: Encoding, terms: Sequence[Term]) -> tuple[QuestionToken, ...]:
        frequencies = self.generation.token_frequencies
        counts = np.asarray([frequencies.get(token, 0) for token in encoding.token_ids.tolist()], dtype=np.int64)
        idf = inverse_document_frequency(counts, self.generation.manifest.passages)
        tokens: list[QuestionToken] = []
        for (start, end), weight in zip(encoding.offsets.tolist(), idf.tolist(), strict=True):
            term = next((i for i, term in enumerate(terms) if term.start <= start and end <= term.end), None)
            share = 0.0 if term is None else self.settings.function_word_weight if terms[term].is_function_word else 1.0
            tokens.append(QuestionToken(share * weight, term))
        return tuple(tokens)

    def _interact(self, question: Encoding, stored: Sequence[StoredPassage]) -> tuple[Floats, Floats]:
        """Best similarities by passage and by sentence, from the token vectors of the candidates alone."""
        if not stored:
            empty = np.empty((0, len(question.token_ids)), dtype=np.float32)
            return empty, empty
        first = np.cumsum([0, *(item.last_token - item.first_token for item in stored)])
        tokens = np.concatenate([self.generation.tokens[item.first_token : item.last_token] for item in stored])
        passages = np.stack([first[:-1], first[1:]], axis=1)
        sentences = np.concatenate(
            [item.sentence_tokens - item.first_token + start for item, start in zip(stored, first, strict=False)]
        )
        tokens = tokens.astype(np.float32)
        return best_similarities(question.tokens, tokens, passages), best_similarities(
            question.tokens, tokens, sentences
        )

    def _mix(self, parts: Floats) -> Floats:
        weights = (self.settings.dense_weight, self.settings.lexical_weight, self.settings.late_interaction_weight)
        return np.asarray(weights, dtype=np.float32) @ np.stack([standardise(part) for part in parts])


def understand(question: str) -> tuple[str, tuple[Term, ...]]:
    """A question as one line, and its words. Raises QuestionError when it is empty, wordless or far too long."""
    line = normalise(question)
    terms = tuple(analyse(line))
    if not terms:
        raise QuestionError("the question holds no word; ask about something that a document could say")
    return line, terms


def normalise(question: str) -> str:
    """One line without control or direction characters. Raises QuestionError when nothing or too much is left."""
    # What a terminal could not decode arrives as lone surrogates, which no encoder takes.
    question = question.encode("utf-8", "replace").decode("utf-8")
    line = _WHITE_SPACE_OR_CONTROL.sub(" ", question).strip()
    if not line:
        raise QuestionError("the question is empty")
    if len(line) > LONGEST_QUESTION:
        raise QuestionError(f"the question has {len(line):,} characters; natoqa reads at most {LONGEST_QUESTION:,}")
    return line


def _pointing_back(stored: Sequence[StoredPassage], documents: Mapping[str, Document]) -> Iterator[int]:
    """Numbers of the sentences, counted over all passages, that need the one before them to be understood."""
    number = 0
    for item in stored:
        text = documents[item.passage.document].text
        for before, sentence in zip((None, *item.passage.sentences), item.passage.sentences, strict=False):
            if before and before.kind is SentenceKind.PROSE and points_back(text[sentence.start : sentence.end]):
                yield number
            number += 1


def _best(scores: Floats, depth: int, among: Ints | None) -> Ints:
    """Positions of the highest scores above 0, best first; equal scores in order of position."""
    positions = np.flatnonzero(scores > 0) if among is None else among[scores[among] > 0]
    return positions[np.lexsort((positions, -scores[positions]))][:depth].astype(np.int64)


def _hit(
    document: Document,
    passage: Passage,
    sentence_scores: Sequence[float],
    *,
    score: float,
    rank: Ranks,
    parts: ScoreParts,
) -> Hit:
    return Hit(
        passage=passage,
        title=document.title,
        locator=document.locator(passage.start),
        text=document.text[passage.start : passage.end],
        score=score,
        ranks=rank,
        parts=parts,
        sentences=tuple(
            ScoredSentence(sentence, document.text[sentence.start : sentence.end], own)
            for sentence, own in zip(passage.sentences, sentence_scores, strict=True)
        ),
    )
