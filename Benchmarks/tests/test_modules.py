"""The picture of the modules in Contributing is that of Package.swift."""

import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ModulesTest(unittest.TestCase):
    def test_picture_is_current(self):
        drawn = subprocess.run([ROOT / ".ci/modules"], capture_output=True, text=True, check=True).stdout
        kept = (ROOT / "Sources/epsim/epsim.docc/Resources/modules.svg").read_text()
        self.assertEqual(drawn, kept, "run .ci/modules > Sources/epsim/epsim.docc/Resources/modules.svg")

    def test_every_module_is_drawn(self):
        drawn = subprocess.run([ROOT / ".ci/modules"], capture_output=True, text=True, check=True).stdout
        modules = [path.name for path in (ROOT / "Sources").iterdir() if list(path.rglob("*.swift"))]
        for module in modules:
            self.assertIn(f">{module}</text>", drawn)
