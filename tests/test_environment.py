"""What is set before Paddle is imported, and what a machine must have."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

from garmentgen import environment
from garmentgen.errors import UserError


def test_what_is_unset_is_set_and_what_the_user_set_stays(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert environment.tune()["OMP_NUM_THREADS"] == str(environment.cores()) == os.environ["OMP_NUM_THREADS"]
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environment.tune()["OMP_NUM_THREADS"] == "3" == os.environ["OMP_NUM_THREADS"]


@pytest.mark.parametrize("vendor, expected", [("AuthenticAMD", "5"), ("GenuineIntel", None)])
def test_the_math_librarys_setting_is_for_amd_alone(vendor, expected, monkeypatch, tmp_path):
    (tmp_path / "cpuinfo").write_text(f"vendor_id\t: {vendor}\nflags\t: avx avx2\n")
    monkeypatch.setattr(environment, "CPUINFO", tmp_path / "cpuinfo")
    assert environment.recommended().get("MKL_DEBUG_CPU_TYPE") == expected


def test_threads_are_those_this_process_may_use():
    assert 1 <= environment.cores() <= (os.cpu_count() or 1)


def test_a_processor_without_avx_is_told_before_paddle_dies_of_it(monkeypatch, tmp_path):
    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setattr(environment.platform, "machine", lambda: "x86_64")
    for flags, fine in (("sse sse2 avx avx2", True), ("sse sse2 avxx", False)):
        (tmp_path / "cpuinfo").write_text(f"flags\t: {flags}\n")
        if fine:
            environment.check(tmp_path / "cpuinfo")
        else:
            with pytest.raises(UserError, match="AVX"):
                environment.check(tmp_path / "cpuinfo")


def test_a_missing_openmp_library_is_told_with_its_package(monkeypatch):
    def missing(_):
        raise OSError("cannot open shared object file")

    monkeypatch.setattr(environment.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", missing)
    with pytest.raises(UserError, match="libgomp1"):
        environment.check()


def test_the_stock_environment_lacks_what_is_set_here_and_nothing_else(monkeypatch):
    monkeypatch.setattr(environment, "_is_amd", lambda: True)
    for name in ("OMP_NUM_THREADS", "MKL_DEBUG_CPU_TYPE", "SOMETHING_ELSE"):
        monkeypatch.setenv(name, "3")
    stock = environment.stock()
    assert stock["SOMETHING_ELSE"] == "3" and "OMP_NUM_THREADS" not in stock and "MKL_DEBUG_CPU_TYPE" not in stock


def test_a_process_that_uses_paddle_ends_quietly_when_it_is_told_to():
    """Paddle may come in late, when a photo asks for the encoder: its own handlers must not come with it."""
    code = "from garmentgen import environment; environment.start_paddle(); import os; os.kill(os.getpid(), 15)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -15 and "Traceback" not in done.stderr


def test_warnings_are_still_read_after_paddle_has_come_in():
    """Its import sets up logging while its advice is held back: warnings would go where nobody reads."""
    code = "import logging; from garmentgen import environment; environment.start_paddle()\n"
    code += "logging.getLogger('garmentgen').warning('engine: slower')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1:] == ["engine: slower"]
