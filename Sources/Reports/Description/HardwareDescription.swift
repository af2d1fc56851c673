public import Figures

/// The cluster that a prediction is for.
public struct HardwareDescription: Codable, Equatable, Sendable {
    /// Name of the hardware profile, for example `H100-SXM`.
    public var profile: String
    /// The description of the hardware, in one line.
    public var summary: String
    /// Number of ranks on each node.
    public var ranksPerNode: Int
    /// Number of nodes.
    public var nodes: Int
    /// The kind of the kernels that exchange tokens, for example `normal`.
    public var kernel: String
    /// Number type of the experts' matrix products, for example `fp8`.
    public var products: String
    /// Constants of the profile that the prediction used and that nobody measured on this hardware.
    public var assumedConstants: [String]
    /// Bytes of memory needed on the rank that has to hold most.
    public var memoryNeededBytes: Double
    /// Bytes of memory that each rank has.
    public var memoryBytes: Double

    /// The description of the cluster that a prediction is for.
    public init(
        profile: String,
        summary: String,
        ranksPerNode: Int,
        nodes: Int,
        kernel: String,
        products: String,
        assumedConstants: [String],
        memoryNeededBytes: Double,
        memoryBytes: Double
    ) {
        self.profile = profile
        self.summary = summary
        self.ranksPerNode = ranksPerNode
        self.nodes = nodes
        self.kernel = kernel
        self.products = products
        self.assumedConstants = assumedConstants
        self.memoryNeededBytes = memoryNeededBytes
        self.memoryBytes = memoryBytes
    }
}

extension HardwareDescription: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "assumed_constants":
            "Constants of the profile that the prediction used and that nobody measured on this hardware.",
        "kernel": "The communication kernels, for example `normal`.",
        "memory_bytes": "Bytes of memory of a rank.",
        "memory_needed_bytes": "Bytes that the rank with most to hold needs.",
        "nodes": "Number of nodes.",
        "products": "Number type of the experts' products, for example `fp8`.",
        "profile": "Name of the hardware profile, for example `H100-SXM`.",
        "ranks_per_node": "Ranks of a node.",
        "summary": "A description in one line.",
    ]
}
