public import MoE

/// The parts of a configuration that set the time on a host: layers, wire and processes.
public struct HostStack: Equatable, Sendable {
    /// How experts compute.
    public enum Arithmetic: String, Codable, Sendable {
        case f32, bf16
    }

    /// A number type of rows on the wire.
    public struct RowType: Equatable, Sendable {
        /// Bytes of a row.
        public var bytes: Double
        /// Whether it is f32; other types are rounded to.
        public var isSingle: Bool

        /// A type of rows.
        public init(bytes: Double, isSingle: Bool) {
            self.bytes = bytes
            self.isSingle = isSingle
        }
    }

    /// The layers.
    public var model: ModelShape
    /// Number type of the experts' products.
    public var arithmetic: Arithmetic
    /// Rows to the experts.
    public var dispatch: RowType
    /// Rows back.
    public var combine: RowType
    /// Whether the rank multiplies outputs by gate weights, or also sums them.
    public var weighsOnRanks: Bool
    /// Whether layers norm what they read.
    public var normalizes: Bool
    /// Whether logits are computed, or come with the workload.
    public var computesLogits: Bool
    /// Whether the coordinator computes the common experts.
    public var sharesOnCoordinator: Bool
    /// Workers, R.
    public var workers: Int
    /// Threads of each worker.
    public var threads: Int
    /// Chunks of a layer that are out at a time.
    public var depth: Int

    /// What a configuration says.
    public init(
        model: ModelShape,
        arithmetic: Arithmetic,
        dispatch: RowType,
        combine: RowType,
        weighsOnRanks: Bool = false,
        normalizes: Bool = true,
        computesLogits: Bool = true,
        sharesOnCoordinator: Bool = false,
        workers: Int,
        threads: Int = 1,
        depth: Int
    ) {
        self.model = model
        self.arithmetic = arithmetic
        self.dispatch = dispatch
        self.combine = combine
        self.weighsOnRanks = weighsOnRanks
        self.normalizes = normalizes
        self.computesLogits = computesLogits
        self.sharesOnCoordinator = sharesOnCoordinator
        self.workers = workers
        self.threads = threads
        self.depth = depth
    }

    /// Bytes of a weight.
    var weightBytes: Double { arithmetic == .f32 ? 4 : 2 }

    /// Shapes of the common experts.
    var common: [ExpertShape] { model.commonExperts.map(\.shape) }
}
