from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from drover.dev.lock import file_lock

HOLD = """
import sys
from pathlib import Path
from drover.dev.lock import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    path = tmp_path / "below" / "lock"
    waited = threading.Event()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        def waiting() -> None:
            waited.set()
            holder.kill()

        with file_lock(path, waiting):
            assert waited.is_set()
            assert path.exists()
    assert not path.exists()


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    order: list[str] = []
    entered, waited = threading.Event(), threading.Event()

    def second() -> None:
        entered.wait(5)
        with file_lock(tmp_path / "lock", waited.set):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with file_lock(tmp_path / "lock"):
        entered.set()
        assert waited.wait(5)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_many_that_want_it_never_hold_it_together_although_the_file_is_deleted_each_time(tmp_path: Path) -> None:
    holders, most = 0, 0
    guard = threading.Lock()

    def hold() -> None:
        nonlocal holders, most
        for _ in range(50):
            with file_lock(tmp_path / "lock", lambda: None):
                with guard:
                    holders += 1
                    most = max(most, holders)
                with guard:
                    holders -= 1

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
