/// The kinds of tables of timings, which their columns tell apart.
public enum TimingKind: String, CaseIterable, Codable, Sendable {
    /// Low-latency kernels.
    case lowLatency = "low-latency kernels"
    /// Normal kernels with a given number of multiprocessors.
    case normal = "normal kernels"
    /// Both, as DeepEP's authors published them: times, bandwidths or both.
    case published = "published kernels"
    /// The products of the experts on the busiest rank.
    case experts = "expert products"

    /// All columns, each of which a file must have.
    var columns: [String] {
        let kernels = ["gpu", "nodes", "gpus", "hidden", "top_k", "experts", "tokens_per_gpu"]
        return switch self {
        case .lowLatency: kernels + ["dispatch_us", "combine_us"]
        case .normal: kernels + ["sms", "dispatch_us", "combine_us"]
        case .published:
            [
                "mode", "gpu", "gpus", "gpus_per_node", "hidden", "top_k", "experts", "group_limit", "tokens_per_gpu",
                "dispatch_dtype", "combine_dtype", "dispatch_us", "dispatch_gb_s", "combine_us", "combine_gb_s",
                "bandwidth_counts",
            ]
        case .experts:
            [
                "gpu", "phase", "dtype", "hidden", "ffn", "top_k", "experts", "gpus", "tokens_all_gpus", "routing",
                "latency_ms",
            ]
        }
    }

    /// The kind that a header looks most like: that with most of its columns, and of these the shortest.
    static func nearest(to header: [String]) -> TimingKind {
        let names = Set(header)
        func misses(_ kind: TimingKind) -> Int { Set(kind.columns).symmetricDifference(names).count }
        return allCases.min { misses($0) < misses($1) } ?? .lowLatency
    }
}
