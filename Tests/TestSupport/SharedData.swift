internal import Foundation

/// Data that is too large for the package, in a folder beside it or in one that the environment names.
public enum SharedData {
    /// Paths of the tables of published timings; nil where one is missing.
    public static let timings: [String]? = {
        let names = [
            "deepep_low_latency_h100", "deepep_normal_h100", "deepep_published_h800", "expert_mlp_decode_h200",
            "expert_mlp_prefill_h200",
        ]
        let folder = place(of: "timings", variable: "EPSIM_TIMINGS")
        let paths = names.map { "\(folder)/\($0).csv" }
        return paths.allSatisfy(FileManager.default.fileExists(atPath:)) ? paths : nil
    }()

    /// The recorded routing of DeepSeek-V2-Lite for one task.
    public static func trace(_ task: String) -> String {
        "\(place(of: "traces", variable: "EPSIM_TRACES"))/deepseek-v2-lite.\(task).safetensors"
    }

    /// The recorded loads of DeepSeek-V3 by a file's name, for example `deepseek-v3.prefill_in4096.json`.
    public static func loads(_ file: String) -> String {
        "\(place(of: "expert_loads", variable: "EPSIM_LOADS"))/\(file)"
    }

    /// A file of goldens of placements.
    public static func placement(_ file: String) -> String {
        "\(place(of: "placement", variable: "EPSIM_PLACEMENT"))/\(file)"
    }

    /// Whether goldens of placements, and the routing and loads that they are of, can be read here.
    public static let hasPlacements =
        hasTraces && FileManager.default.fileExists(atPath: placement("imbalance.json"))
        && FileManager.default.fileExists(atPath: loads("deepseek-v3.prefill_in4096.json"))

    /// Whether recorded routing can be read here.
    public static let hasTraces = FileManager.default.fileExists(atPath: trace("intent"))

    private static func place(of name: String, variable: String) -> String {
        ProcessInfo.processInfo.environment[variable]
            ?? URL(fileURLWithPath: packageFolder("../shared/data/\(name)")).standardized.path
    }
}
