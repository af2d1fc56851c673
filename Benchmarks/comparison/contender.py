"""Processes that stay alive between rounds and time their steps when told to."""

import json
import os
import select
import signal
import subprocess
import time

START_SECONDS = 120
ANSWER_SECONDS = 180


class ContenderError(Exception):
    """A contender that failed or does not answer; the text says which and why."""


class Contender:
    """One program of the comparison, in one or more processes that are spoken to through pipes."""

    def __init__(self, name, commands, log, environment=None):
        """Starts `commands` and waits until each has said that it is ready. What they complain about goes to `log`.
        A variable of `environment` that is None is taken away."""
        self.name = name
        self.log = log
        self.processes = []
        environment = {**os.environ, **(environment or {})}
        environment = {name: value for name, value in environment.items() if value is not None}
        try:
            with open(log, "w") as complaints:
                for command in commands:
                    self.processes.append(
                        subprocess.Popen(
                            [str(word) for word in command],
                            stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE,
                            stderr=complaints,
                            env=environment,
                            start_new_session=True,
                        )
                    )
            self.greetings = self._answers(START_SECONDS)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def seconds(self, warmup, steps):
        """Seconds of each step after the warm-up; of several processes the slower one's."""
        answers = self.ask(f"run {warmup} {steps}")
        return [max(step) for step in zip(*(answer["seconds"] for answer in answers))]

    def ask(self, *commands):
        """Sends a command to all processes, or one to each, and returns their answers."""
        for index, process in enumerate(self.processes):
            try:
                process.stdin.write((commands[index % len(commands)] + "\n").encode())
                process.stdin.flush()
            except BrokenPipeError:
                raise self._failure("has ended") from None
        return self._answers(ANSWER_SECONDS)

    def _answers(self, seconds):
        deadline = time.monotonic() + seconds
        return [json.loads(self._line(process, deadline)) for process in self.processes]

    def _line(self, process, deadline):
        line = b""
        while not line.endswith(b"\n"):
            left = max(0, deadline - time.monotonic())
            if not select.select([process.stdout], [], [], left)[0]:
                raise self._failure("does not answer in time")
            part = os.read(process.stdout.fileno(), 1 << 16)
            if not part:
                raise self._failure("has ended")
            line += part
        return line

    def _failure(self, what):
        last = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        return ContenderError(f"{self.name} {what}; see {self.log}: " + " / ".join(last))

    def close(self):
        """Ends the processes and all that they started."""
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            process.stdout.close()
