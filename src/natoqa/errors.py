"""Everything natoqa can fail with, in one tree.

    NatoqaError
    ├── SettingsError        a setting, a flag or natoqa.toml is wrong
    ├── CorpusError          the corpus folder cannot be used at all
    │   ├── UnreadableFile   one file of it cannot be used; a sync reports it and goes on
    │   │   └── FileUnavailable  it is there, and cannot be read at this moment
    │   └── FileRefused      a file cannot be put into the corpus, or taken out of it; the corpus is as it was
    ├── IndexUnusable        the index cannot be used
    │   ├── NoIndex          nothing has been indexed yet
    │   ├── NoGeneration     the generation that was asked for is not kept
    │   ├── IndexMismatch    built by another model, chunker or schema
    │   ├── IndexDamaged     a file of the generation is missing or not what the manifest says
    │   ├── IndexLocked      another process is writing
    │   └── IndexNotWritable the folder or the disk refuses the new generation
    ├── EncoderError         the model cannot be loaded or is not the one that was asked for
    ├── QuestionError        the question cannot be answered as it stands (empty, far too long)
    ├── ConversationError    an earlier conversation cannot be opened again
    ├── QuestionSetError     an evaluation file is malformed; names the file and the line
    ├── RunError             a saved run cannot be read, or a new one not be written
    └── ComparisonError      two runs cannot be compared, or a condition on their difference is malformed

A message says what happened and where; when a command mends it, the message ends with that command.
The command line prints it as one line and exits with status 1.
"""


class NatoqaError(Exception):
    """Base of every error that natoqa raises on purpose."""


class SettingsError(NatoqaError):
    """A setting is unknown, of the wrong type or out of range."""


class CorpusError(NatoqaError):
    """The corpus folder is missing or is not a folder."""


class UnreadableFile(CorpusError):
    """One file cannot become a document: empty, binary, undecodable, malformed."""


class FileUnavailable(UnreadableFile):
    """A file is there and cannot be read at this moment: it is being written, or the system refuses it."""


class FileRefused(CorpusError):
    """A file cannot be added to the corpus or removed from it; nothing was changed."""


class IndexUnusable(NatoqaError):
    """The index cannot be used as it is."""


class NoIndex(IndexUnusable):
    """No generation has been built in this folder."""


class NoGeneration(IndexUnusable):
    """There is no such generation to return to."""


class IndexMismatch(IndexUnusable):
    """The index was built by another encoder, chunker or schema than the one at work."""


class IndexDamaged(IndexUnusable):
    """A generation does not hold what its manifest says."""


class IndexLocked(IndexUnusable):
    """Another process is writing this index."""


class IndexNotWritable(IndexUnusable):
    """The new generation could not be written; the old one is untouched."""


class EncoderError(NatoqaError):
    """The encoder's model is missing, damaged or of the wrong kind."""


class QuestionError(NatoqaError):
    """The question is empty or longer than natoqa reads."""


class ConversationError(NatoqaError):
    """What was kept of a conversation is not one."""


class QuestionSetError(NatoqaError):
    """A question set is malformed."""


class RunError(NatoqaError):
    """A saved run cannot be read or written."""


class ComparisonError(NatoqaError):
    """Two runs share nothing, or a condition on their difference is malformed."""
