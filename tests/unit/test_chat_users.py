"""Users of the chat: hashes, the file and the environment that name them, and what slows down guessing."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from natoqa.chat.attempts import Attempts
from natoqa.chat.users import PasswordHash, Users, check_password, exposure, put, users_of
from natoqa.errors import SettingsError
from natoqa.settings import load_settings

# Strong enough to be told apart from another, and quick.
QUICK = 4
PASSWORD = "correct horse"


def _line(name: str, password: str = PASSWORD) -> str:
    return f"{name}:{PasswordHash.of(password, QUICK).written()}"


def _users(**chat: object) -> Users | None:
    return users_of(load_settings(chat=chat).chat)


def test_a_hash_matches_its_password_and_no_other() -> None:
    hashed = PasswordHash.parse(PasswordHash.of(PASSWORD, QUICK).written())
    assert hashed.matches(PASSWORD)
    assert not any(map(hashed.matches, ("", "correct horse ", "Correct horse", PASSWORD * 2)))


def test_the_same_password_is_hashed_differently_each_time_and_never_shown() -> None:
    one, other = PasswordHash.of(PASSWORD, QUICK), PasswordHash.of(PASSWORD, QUICK)
    assert one.digest != other.digest
    assert one.written() not in repr(one)
    assert PASSWORD not in one.written()


def test_the_hash_is_scrypt_as_others_compute_it() -> None:
    # RFC 7914, section 12: password "pleaseletmein", salt "SodiumChloride", N 16384, r 8, p 1.
    hashed = PasswordHash(b"SodiumChloride", bytes.fromhex("7023bdcb3afd7348461c06cd81fd38eb") + bytes(16), 14, 8, 1)
    assert hashed._hashed("pleaseletmein")[:16] == hashed.digest[:16]


def test_a_letter_matches_however_it_was_composed() -> None:
    assert PasswordHash.of("Mu\u0308ller & Co", QUICK).matches("M\u00fcller & Co")


def test_the_usual_cost_is_what_is_advised_today() -> None:
    assert PasswordHash.of(PASSWORD).written().startswith("scrypt:14:8:5:")


def test_nobody_need_log_in_unless_there_are_users() -> None:
    assert _users() is None


def test_users_come_from_a_file_and_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "users.txt"
    file.write_text(f"# the readers\n\n{_line('anna')}\n{_line('ben', 'ben in the file')}\n", "utf-8")
    monkeypatch.setenv("NATOQA_CHAT__USERS", str(file))
    monkeypatch.setenv("NATOQA_CHAT__LOGINS", f"{_line('ben', 'ben elsewhere')} {_line('carla')}")
    users = _users()
    assert users is not None
    assert set(users.hashes) == {"anna", "ben", "carla"}
    assert users.admits("anna", PASSWORD)
    assert users.admits("ben", "ben elsewhere")
    assert not users.admits("ben", "ben in the file")
    assert not users.admits("anna", "ben elsewhere")
    assert not users.admits("dora", PASSWORD)
    assert not users.admits("anna", "x" * 1_000_000)


def test_the_environments_users_are_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATOQA_CHAT__LOGINS", _line("anna"))
    settings = load_settings()
    assert "anna" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "users.txt names no user; add one: natoqa chat-user NAME --users "),
        ("anna:secret word", "users.txt, line 1: no password hash of user 'anna'; make the line with: "),
        ("anna", "users.txt, line 1: no password hash of user 'anna'; make the line with: natoqa chat-user anna"),
        ("# x\nan na:x", "users.txt, line 2: no name of a user; make the line with: natoqa chat-user NAME"),
        ("anna:scrypt:30:8:1:AAAAAAAAAAAAAAAA:" + "A" * 43, "users.txt, line 1: no password hash of user 'anna'"),
        ("anna:scrypt:4:8:1:AAAA:" + "A" * 43, "users.txt, line 1: no password hash of user 'anna'"),
        ("anna:md5:4:8:1:AAAAAAAAAAAAAAAA:" + "A" * 43, "users.txt, line 1: no password hash of user 'anna'"),
        ("anna:scrypt:4:8:1:AAAAAAAAAAAAAAAA:*" + "A" * 42, "users.txt, line 1: no password hash of user 'anna'"),
    ],
)  # fmt: skip
def test_what_names_no_user_is_said_without_repeating_it(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "users.txt").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as failure:
        _users(users=tmp_path / "users.txt")
    assert said in str(failure.value)
    assert "secret" not in str(failure.value)


def test_a_user_who_stands_there_twice_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "users.txt").write_text(f"{_line('anna')}\n{_line('anna')}\n", "utf-8")
    with pytest.raises(SettingsError, match=r"users\.txt, line 2: user 'anna' stands there twice$"):
        _users(users=tmp_path / "users.txt")


def test_a_file_that_is_not_there_is_said_with_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"No such file or directory; to make the file: natoqa chat-user NAME"):
        _users(users=tmp_path / "none.txt")


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "users.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"users\.txt is not a text file$"):
        _users(users=tmp_path / "users.txt")


def test_a_file_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text("x", "utf-8")
    for mode, said in ((0o600, ""), (0o400, ""), (0o640, "mend it: chmod 600"), (0o644, "mend it: chmod 600")):
        file.chmod(mode)
        assert said in exposure(file)
        assert bool(said) == bool(exposure(file))


def test_a_user_is_put_into_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    assert put(file, "anna", PasswordHash.of("the first one", QUICK)) is False
    assert put(file, "anna-maria", PasswordHash.of(PASSWORD, QUICK)) is False
    assert put(file, "anna", PasswordHash.of("the second one", QUICK)) is True
    users = _users(users=file)
    assert users is not None
    assert set(users.hashes) == {"anna", "anna-maria"}
    assert [users.admits("anna", password) for password in ("the first one", "the second one")] == [False, True]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["users.txt"]


def test_a_malformed_file_is_not_written_to(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text("anna:secret\n", "utf-8")
    with pytest.raises(SettingsError, match="line 1"):
        put(file, "ben", PasswordHash.of(PASSWORD, QUICK))
    assert file.read_text("utf-8") == "anna:secret\n"


@pytest.mark.parametrize("password", ["", "short", "x" * 1_001])
def test_a_password_that_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(SettingsError, match="a password has 8 to 1,000 characters") as failure:
        check_password(password)
    assert password not in str(failure.value).split() or not password


def test_the_command_makes_a_user_of_a_password_that_is_piped_in(
    natoqa: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\nnever read\n"))
    file = tmp_path / "users.txt"
    finished = natoqa("chat-user", "anna", "--users", file)
    assert (finished.code, finished.err) == (0, "")
    assert finished.out == f"new user: anna in {file}; a running chat must be started anew\n"
    users = _users(users=file)
    assert users is not None
    assert users.admits("anna", PASSWORD)


def test_the_command_prints_the_line_when_there_is_no_file(natoqa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD))
    name, _, written = natoqa("chat-user", "anna").out.strip().partition(":")
    assert name == "anna"
    assert PasswordHash.parse(written).matches(PASSWORD)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    natoqa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter([PASSWORD, "another one"])
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    finished = natoqa("chat-user", "anna")
    assert (finished.code, finished.out, finished.err) == (
        1,
        "",
        "natoqa: the two passwords differ; nothing was written\n",
    )


@pytest.mark.parametrize("name", ["", "an na", "a:b", "#anna", "ä", "x" * 65, "a\nb"])
def test_a_name_that_would_break_the_file_is_refused(natoqa: Any, name: str) -> None:
    finished = natoqa("chat-user", name)
    assert finished.code == 1
    assert "cannot be a user's name" in finished.err
    assert finished.err.count("\n") == 1


def test_no_command_takes_a_password(natoqa: Any) -> None:
    for command in ("chat", "chat-user"):
        assert "--pass" not in natoqa(command, "--help").out


def test_after_five_failures_each_further_one_doubles_the_wait() -> None:
    clock = [0.0]
    attempts = Attempts(lambda: clock[0])
    waits = []
    for _ in range(13):
        waits.append(attempts.wait("192.0.2.1"))
        clock[0] += waits[-1]
        attempts.fail("192.0.2.1")
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert attempts.wait("192.0.2.2") == 0


def test_failures_are_forgotten_after_a_quarter_of_an_hour() -> None:
    clock = [0.0]
    attempts = Attempts(lambda: clock[0])
    for _ in range(9):
        attempts.fail("192.0.2.1")
    assert attempts.wait("192.0.2.1") == 16
    clock[0] = 901.0
    attempts.fail("192.0.2.1")
    assert attempts.wait("192.0.2.1") == 0


def test_the_addresses_of_one_customer_count_as_one() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(5):
        attempts.fail(f"2001:db8:1:2:{number}::1")
        attempts.fail(f"2001:db8:1:{number + 3}::1")
    assert attempts.wait("2001:db8:1:2::ffff") == 1
    assert attempts.wait("2001:db8:1:3::1") == 0


def test_the_count_of_failures_does_not_grow_without_end() -> None:
    attempts = Attempts(lambda: 0.0)
    for number in range(10_050):
        attempts.fail(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(attempts._places) == 10_000
