"""Who may log in to the chat: names with password hashes, from a file or from the environment.

One user a line, ``name:scrypt:14:8:5:SALT:HASH``: the base 2 logarithm of scrypt's cost, its block size and its
parallelism, then salt and hash in URL-safe base64. No character of it means anything to a shell.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from natoqa.errors import SettingsError

if TYPE_CHECKING:
    from natoqa.settings import ChatSettings

LEAST_CHARACTERS = 8
MOST_CHARACTERS = 1_000
ENVIRONMENT = "NATOQA_CHAT__LOGINS"
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_SCHEME = "scrypt"
_MOST_MEMORY = 1 << 29
_READABLE_BY_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A salted scrypt hash (RFC 7914) of a password; the defaults take 16 MB and some tenth of a second."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    cost: int = 14
    block: int = 8
    parallel: int = 5

    @classmethod
    def of(cls, password: str, cost: int = 14) -> PasswordHash:
        """Hash ``password`` with a new salt; ``cost`` is the base 2 logarithm of scrypt's n."""
        salt = secrets.token_bytes(16)
        empty = cls(salt, b"", cost)
        return cls(salt, empty._hashed(password), cost)

    @classmethod
    def parse(cls, written: str) -> PasswordHash:
        """The hash as :meth:`written` gives it. Raises ValueError for anything else."""
        scheme, cost, block, parallel, salt, digest = written.split(":")
        parsed = cls(_decoded(salt), _decoded(digest), int(cost), int(block), int(parallel))
        # More would let a slip of the pen take all memory at the first log-in.
        is_fit = parsed.cost in range(1, 21) and parsed.block in range(1, 33) and parsed.parallel in range(1, 17)
        if scheme != _SCHEME or not is_fit or parsed._memory > _MOST_MEMORY:
            raise ValueError(written)
        if len(parsed.salt) < 8 or len(parsed.digest) != 32:
            raise ValueError(written)
        return parsed

    def written(self) -> str:
        """The hash as text."""
        return f"{_SCHEME}:{self.cost}:{self.block}:{self.parallel}:{_encoded(self.salt)}:{_encoded(self.digest)}"

    def matches(self, password: str) -> bool:
        """Whether this is the password's hash; takes as long for any password."""
        return hmac.compare_digest(self._hashed(password), self.digest)

    def _hashed(self, password: str) -> bytes:
        # The same letters may arrive composed or not, by keyboard and system.
        text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
        n, r, p = 1 << self.cost, self.block, self.parallel
        return hashlib.scrypt(text, salt=self.salt, n=n, r=r, p=p, maxmem=2 * _MOST_MEMORY, dklen=32)

    @property
    def _memory(self) -> int:
        return 128 * self.block << self.cost


@dataclass(frozen=True)
class Users:
    """Names and password hashes; never empty."""

    hashes: Mapping[str, PasswordHash]
    _decoy: PasswordHash = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Checked in place of a user that there is not, so that the time taken does not tell who there is.
        usual = next(iter(self.hashes.values()))
        decoy = PasswordHash(secrets.token_bytes(16), secrets.token_bytes(32), usual.cost, usual.block, usual.parallel)
        object.__setattr__(self, "_decoy", decoy)

    def admits(self, name: str, password: str) -> bool:
        """Whether ``password`` is that of ``name``. Takes a while, on purpose."""
        known = self.hashes.get(name) if len(password) <= MOST_CHARACTERS else None
        return (known or self._decoy).matches(password[:MOST_CHARACTERS]) and known is not None


def users_of(settings: ChatSettings) -> Users | None:
    """The users of the file and of the environment; None when neither is set, and nobody need log in.

    Raises SettingsError when a user cannot be read, or when there is none.
    """
    written = settings.logins.get_secret_value()
    if settings.users is None and not written.strip():
        return None
    hashes = _parsed(written.split(), ENVIRONMENT, "entry")
    if settings.users is not None:
        hashes = _parsed(_lines(settings.users), str(settings.users), "line") | hashes
    if not hashes:
        raise SettingsError(f"{settings.users} names no user; add one: natoqa chat-user NAME --users {settings.users}")
    return Users(hashes)


def exposure(path: Path) -> str:
    """What to say of a file of users that others can read; empty if they cannot."""
    is_open = os.name == "posix" and path.stat().st_mode & _READABLE_BY_OTHERS
    return f"{path} can be read by others; mend it: chmod 600 {path}" if is_open else ""


def put(path: Path, name: str, password: PasswordHash) -> bool:
    """Write a user into the file, which only its owner can read then; whether there was one of this name before.

    Raises SettingsError when the file cannot be read or written.
    """
    lines = list(_lines(path)) if path.exists() else []
    _parsed(lines, str(path), "line")
    kept = [line for line in lines if line.strip().partition(":")[0] != name]
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in [*kept, f"{name}:{password.written()}"]))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise SettingsError(f"{path} cannot be written ({error.strerror or error})") from error
    return len(kept) < len(lines)


def check_name(name: str) -> str:
    """``name``, if a user can be called so. Raises SettingsError."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"'{name}' cannot be a user's name: letters, digits and . _ @ - are, at most 64")
    return name


def check_password(password: str) -> str:
    """``password``, if it can be one. Raises SettingsError."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise SettingsError(
            f"a password has {LEAST_CHARACTERS} to {MOST_CHARACTERS:,} characters; this one has {len(password):,}"
        )
    return password


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise SettingsError(
            f"the users cannot be read: {path}: {error.strerror or error}; "
            f"to make the file: natoqa chat-user NAME --users {path}"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"the users cannot be read: {path} is not a text file") from error


def _parsed(lines: Iterable[str], source: str, unit: str) -> dict[str, PasswordHash]:
    hashes: dict[str, PasswordHash] = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        name, _, written = line.partition(":")
        # The line itself is not shown: a password may stand there by mistake.
        where = f"{source}, {unit} {number}"
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{where}: no name of a user; make the {unit} with: natoqa chat-user NAME")
        if name in hashes:
            raise SettingsError(f"{where}: user '{name}' stands there twice")
        try:
            hashes[name] = PasswordHash.parse(written)
        except ValueError:
            raise SettingsError(
                f"{where}: no password hash of user '{name}'; make the {unit} with: natoqa chat-user {name}"
            ) from None
    return hashes


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
