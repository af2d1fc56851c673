import ConfigurationSupport
import Settings

@testable import Sweeps

/// Reads a sweep file without touching the disk: it is `conf/s.yaml`, its folder is `/cwd/conf`.
func sweep(_ yaml: String) throws(ConfigurationError) -> SweepFile {
    try SweepFile(yaml: yaml, file: "conf/s.yaml", directory: "/cwd/conf")
}

/// The plan of a sweep over the configuration `base`.
func plan(_ yaml: String, over base: String = "model: {layers: 2}") throws(ConfigurationError) -> SweepPlan {
    try SweepPlan(try sweep(yaml)) { overrides throws(ConfigurationError) in try resolve(base, flags: overrides) }
}

/// The problems of a sweep file, or of its points.
func sweepProblems(_ yaml: String, over base: String = "model: {layers: 2}") -> [String] {
    problems { () throws(ConfigurationError) in _ = try plan(yaml, over: base) }
}
