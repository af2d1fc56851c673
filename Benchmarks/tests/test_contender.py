import os
import pathlib
import sys
import tempfile
import time
import unittest
from unittest import mock

from comparison import contender
from comparison.contender import Contender, ContenderError

ECHO = """
import json, sys
print(json.dumps({"ready": "echo"}), flush=True)
for line in sys.stdin:
    print(json.dumps({"seconds": [float(sys.argv[1])] * int(line.split()[2])}), flush=True)
"""


class Contenders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "log"

    def start(self, *programs):
        return Contender("echo", [[sys.executable, "-c", *words] for words in programs], self.log)

    def test_the_slower_process_counts(self):
        with self.start((ECHO, "0.5"), (ECHO, "0.25")) as echo:
            self.assertEqual(echo.seconds(1, 3), [0.5, 0.5, 0.5])

    def test_a_contender_that_ends_is_told_with_its_last_words(self):
        with self.assertRaisesRegex(ContenderError, "echo has ended.*no such thing"):
            self.start(("import sys; sys.exit('no such thing')",))

    def test_a_contender_that_is_silent_is_ended(self):
        with mock.patch.object(contender, "START_SECONDS", 0.2):
            with self.assertRaisesRegex(ContenderError, "does not answer in time"):
                self.start(("import time; time.sleep(100)",))

    def test_children_end_with_their_parent(self):
        program = "import os, time, json; p = os.fork()\nif p == 0: time.sleep(100)\n"
        program += "print(json.dumps({'ready': p}), flush=True); input()"
        with self.start((program,)) as parent:
            child = parent.greetings[0]["ready"]
        for _ in range(100):
            if not alive(child):
                break
            time.sleep(0.02)
        self.assertFalse(alive(child))


def alive(process):
    """Whether a process runs: one that waits to be reaped does not."""
    try:
        os.kill(process, 0)
        return ") Z " not in pathlib.Path(f"/proc/{process}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


if __name__ == "__main__":
    unittest.main()
