"""Sums of files: everything is known to the byte, and a sample of it is known at a glance."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from natoqa.checksums import FileSum, checksums, differing, differing_at_a_glance

BLOCK = 4096


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "small.bin").write_bytes(b"abc")
    (tmp_path / "empty.bin").write_bytes(b"")
    (tmp_path / "sub" / "large.bin").write_bytes(bytes(range(256)) * 16 * 640)  # 640 blocks
    (tmp_path / "manifest.json").write_bytes(b"{}")
    return tmp_path


def _sums(folder: Path) -> dict[str, FileSum]:
    return checksums(folder, but="manifest.json")


def _flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_the_sums_of_a_folder_are_those_of_its_files(folder: Path) -> None:
    sums = _sums(folder)
    assert sorted(sums) == ["empty.bin", "small.bin", "sub/large.bin"]
    assert sums["small.bin"].size == 3
    assert sums["small.bin"].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sums["small.bin"].sample == sums["small.bin"].sha256
    assert not list(differing(folder, sums, but="manifest.json"))
    assert not list(differing_at_a_glance(folder, sums))


@pytest.mark.parametrize("position", [0, BLOCK - 1, 639 * BLOCK, 640 * BLOCK - 1])
def test_a_changed_byte_in_the_first_or_last_block_is_seen_at_a_glance(folder: Path, position: int) -> None:
    sums = _sums(folder)
    _flip(folder / "sub" / "large.bin", position)
    assert list(differing_at_a_glance(folder, sums)) == ["sub/large.bin"]


def test_a_changed_byte_that_a_glance_misses_is_found_by_reading_all(folder: Path) -> None:
    sums = _sums(folder)
    _flip(folder / "sub" / "large.bin", 1 * BLOCK)  # blocks 0, 10, 20 … are the sample
    assert not list(differing_at_a_glance(folder, sums))
    assert list(differing(folder, sums, but="manifest.json")) == ["sub/large.bin"]


def test_every_byte_of_a_file_of_64_blocks_is_in_its_sample(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"x" * 64 * BLOCK)
    sums = checksums(tmp_path, but="")
    for block in range(64):
        _flip(path, block * BLOCK + block)
        assert list(differing_at_a_glance(tmp_path, sums)) == ["file.bin"]
        _flip(path, block * BLOCK + block)


def test_a_file_that_is_missing_cut_or_too_many_differs(folder: Path) -> None:
    sums = _sums(folder)
    (folder / "small.bin").unlink()
    (folder / "sub" / "large.bin").write_bytes(b"abc")
    (folder / "stranger.bin").write_bytes(b"")
    assert sorted(differing_at_a_glance(folder, sums)) == ["small.bin", "sub/large.bin"]
    assert sorted(differing(folder, sums, but="manifest.json")) == ["small.bin", "stranger.bin", "sub/large.bin"]


def test_a_glance_at_a_gigabyte_takes_less_than_20_milliseconds(tmp_path: Path) -> None:
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(1_000_000_000)  # sparse
    zeros = tmp_path / "zeros.bin"
    zeros.write_bytes(b"\0" * 64 * BLOCK)
    sums = {"large.bin": FileSum(1_000_000_000, "", checksums(tmp_path, but="large.bin")["zeros.bin"].sample)}
    durations = []
    for _ in range(5):
        began = time.perf_counter()
        different = list(differing_at_a_glance(tmp_path, sums))
        durations.append(time.perf_counter() - began)
    assert different == ["large.bin"]  # 1 GB is no whole number of blocks: the last one is shorter than in the zeros
    assert min(durations) < 0.02
