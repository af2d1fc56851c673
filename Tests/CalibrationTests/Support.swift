import Configuration
import CostModel
import TestSupport

@testable import Calibration

let lowLatencyHeader = "gpu,nodes,gpus,hidden,top_k,experts,tokens_per_gpu,dispatch_us,combine_us\n"
let normalHeader = "gpu,nodes,gpus,hidden,top_k,experts,tokens_per_gpu,sms,dispatch_us,combine_us\n"
let publishedHeader =
    "mode,gpu,gpus,gpus_per_node,hidden,top_k,experts,group_limit,tokens_per_gpu,dispatch_dtype,combine_dtype,"
    + "dispatch_us,dispatch_gb_s,combine_us,combine_gb_s,bandwidth_counts\n"
let expertHeader = "gpu,phase,dtype,hidden,ffn,top_k,experts,gpus,tokens_all_gpus,routing,latency_ms\n"

/// A profile that comes with epsim.
func shippedProfile(_ name: String) throws -> HardwareProfile {
    try HardwareLoader.load(
        named: packageFolder("configs/hardware/\(name).yaml"),
        environment: [:]
    )
}

/// The profiles that tables name.
func profiles() throws -> [String: HardwareProfile] {
    try ["H100-SXM": "H100-SXM", "H800": "H800-SXM", "H200-SXM": "H200-SXM"].mapValues(shippedProfile)
}

/// Predictions of the rows of a text.
func predictions(_ csv: String) throws -> [RowPrediction] {
    let file = try TimingFile(csv: csv, name: "a.csv")
    return try Validator([file], profiles: profiles()).report(crossValidates: false).predictions
}

/// The lines of the error of a text; none when it can be read.
func problems(_ csv: String) -> [String] {
    do {
        _ = try TimingFile(csv: csv, name: "a.csv")
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}
