import json
import os
import pathlib
import tempfile
import unittest

from comparison.contender import ContenderError
from comparison.epsim import Run, last_run

REPORT = {
    "steps": 2,
    "per_step": [{"seconds": 0.5}, {"seconds": 0.25}],
    "run": {"payload_dtype": "bf16", "model": {"experts": 2, "expert": {"hidden": 10}}},
}


class RunFolders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "report.json").write_text(json.dumps(REPORT))
        (self.folder / "experts.csv").write_text("step,layer,expert,copies\n0,0,0,3\n0,0,1,5\n1,0,0,8\n")
        lines = ["step,layer,rank,phase,tokens,bytes,microseconds"]
        for step in (0, 1):
            # Four copies of ten 16-bit numbers come back in two messages.
            lines += [f"{step},0,0,dispatch,4,400,1", f"{step},0,0,combine,4,{4 * 20 + 2 * 96},1"]
            lines += [f"{step},0,0,compute,4,0,1", f"{step},0,-1,gate,9,0,1"]
        (self.folder / "samples.csv").write_text("\n".join(lines) + "\n")
        self.run_folder = Run(self.folder)

    def test_seconds_and_counts(self):
        self.assertEqual(self.run_folder.seconds(), [0.5, 0.25])
        self.assertEqual(self.run_folder.counts(), [[3, 5], [8, 0]])

    def test_messages_follow_from_the_bytes_of_envelopes(self):
        self.assertEqual(self.run_folder.messages(), (2, 200 - 96, 40))

    def test_the_newest_run_is_taken_and_the_index_is_none(self):
        out = self.folder / "runs"
        for age, name in enumerate(["new", "old"]):
            (out / name).mkdir(parents=True)
            (out / name / "report.json").write_text(json.dumps(REPORT))
            os.utime(out / name, ns=(10**9 - age, 10**9 - age))
        (out / "index.sqlite").write_text("")
        self.assertEqual(last_run(out).folder, out / "new")
        self.assertEqual(sorted(path.name for path in out.iterdir()), ["index.sqlite", "new"])

    def test_no_run_is_an_error(self):
        with self.assertRaisesRegex(ContenderError, "no run"):
            last_run(self.folder / "runs")


if __name__ == "__main__":
    unittest.main()
