import json
import os
import pathlib
import tempfile
import unittest
import unittest.mock

from comparison import blas, results, targets, works
from comparison.results import Result, Series


class Targets(unittest.TestCase):
    def test_speeds_have_a_target_for_each_work_with_weights_and_dtype(self):
        for work in works.WORKS.values():
            for dtype in works.DTYPES:
                found = targets.target(targets.SPEED, work.name, dtype, work.tokens)
                self.assertEqual(found is None, work.is_wire_only, f"{work.name} {dtype}")

    def test_less_is_asked_of_singles_without_avx512_and_nothing_of_bf16(self):
        for work in works.WORKS.values():
            if work.is_wire_only:
                continue
            full = targets.target(targets.SPEED, work.name, "f32")
            less = targets.target(targets.SPEED, work.name, "f32", avx512=False)
            self.assertLess(less[1], full[1])
            self.assertIsNone(targets.target(targets.SPEED, work.name, "bf16", avx512=False))

    def test_wire_depends_on_tokens(self):
        bounds = {tokens: targets.target(targets.WIRE, "wire", "f32", tokens)[1] for tokens in (64, 512, 4096)}
        self.assertEqual(bounds, {64: 0.6, 512: 0.85, 4096: 0.85})

    def test_the_bound_itself_meets_the_target(self):
        self.assertTrue(targets.is_met((targets.AT_LEAST, 2.3), 2.3))
        self.assertFalse(targets.is_met((targets.AT_LEAST, 2.3), 2.29))
        self.assertTrue(targets.is_met((targets.AT_MOST, 0.05), 0.05))
        self.assertFalse(targets.is_met((targets.AT_MOST, 0.05), 0.051))
        self.assertIsNone(targets.is_met(None, 1))


class Works(unittest.TestCase):
    def test_a_beginning_names_several(self):
        self.assertEqual([work.tokens for work in works.chosen(["fine"])], [64, 512, 2048])

    def test_an_unknown_name_is_told_with_those_that_there_are(self):
        with self.assertRaisesRegex(ValueError, "no work begins with prefil-l; there are: decode, middle"):
            works.chosen(["decode", "prefil-l"])

    def test_flops(self):
        self.assertEqual(works.WORKS["decode"].flops(), 64 * 44_040_192)


class Figures(unittest.TestCase):
    def test_the_median_is_that_of_all_steps_and_the_spread_that_of_rounds(self):
        series = Series()
        series.add([1, 2, 9])
        series.add([3, 4, 5])
        self.assertEqual(series.median(), 3.5)
        self.assertEqual(series.spread(), (2, 4))

    @unittest.mock.patch("comparison.results.has_avx512", lambda: True)
    def test_the_file_has_exactly_the_keys_that_were_agreed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "bench.json"
            results.write(
                path,
                [
                    Result("decode", "f32", 64, targets.SPEED, 3000.0, 1000.0, 3.0),
                    Result("middle", "f32", 512, targets.COORDINATOR_MEMORY, 1e6, None, None),
                ],
            )
            first, second = json.loads(path.read_text())
            self.assertEqual([entry.name for entry in path.parent.iterdir()], ["bench.json"])
        keys = {"work", "dtype", "tokens", "metric", "value", "baseline", "ratio", "against", "target", "met", "processor"}
        self.assertEqual(set(first), keys)
        self.assertEqual(first["processor"], results.processor())
        self.assertEqual((first["target"], first["met"]), (">= 2.2", True))
        self.assertEqual((second["target"], second["met"], second["ratio"]), (None, None, None))

    def test_the_processor_is_told_with_what_holds_it_down(self):
        with unittest.mock.patch.dict(os.environ, {"DNNL_MAX_CPU_ISA": "AVX2"}):
            self.assertRegex(results.processor(), r"family \d+, model \d+, .*, DNNL_MAX_CPU_ISA=AVX2$")

    def test_libraries_are_held_down_together(self):
        self.assertIsNone(blas.environment({})["OPENBLAS_CORETYPE"])
        held = blas.environment({"DNNL_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "SkylakeX"})
        self.assertEqual((held["OPENBLAS_CORETYPE"], held["BLIS_ARCH_TYPE"]), ("Haswell", "3"))

    def test_the_way_of_the_baseline_is_told(self):
        result = Result("decode", "f32", 64, targets.PRODUCTS, 2.0, 1.0, 0.5, "oneDNN packed, at most 64 rows")
        self.assertIn("oneDNN packed, at most 64 rows", results.verdicts([result]))

    def test_a_table_is_aligned(self):
        lines = results.table(["work", "ms"], [["a", 1], ["longer", 10]]).splitlines()
        self.assertEqual(lines, ["work    ms", "----------", "a        1", "longer  10"])


if __name__ == "__main__":
    unittest.main()
