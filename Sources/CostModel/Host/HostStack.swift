public import MoE

/// The parts of a configuration that set the time on a host: layers, wire and processes.
public struct HostStack: Equatable, Sendable {
    /// The number type of the experts' products.
    public enum Arithmetic: String, Codable, Sendable {
        case f32, bf16
    }

    /// A number type of rows on the wire.
    public struct RowType: Equatable, Sendable {
        /// Bytes of a row.
        public var bytes: Double
        /// Whether the type is f32; rows are rounded to any other type.
        public var isSingle: Bool

        /// A number type of rows, by the bytes of one row.
        public init(bytes: Double, isSingle: Bool) {
            self.bytes = bytes
            self.isSingle = isSingle
        }
    }

    /// The shape of the model.
    public var model: ModelShape
    /// Number type of the experts' products.
    public var arithmetic: Arithmetic
    /// The type of rows on their way to the experts.
    public var dispatch: RowType
    /// The type of rows on their way back.
    public var combine: RowType
    /// Whether ranks multiply outputs by gate weights, with or without summing them.
    public var weighsOnRanks: Bool
    /// Whether layers normalise their input.
    public var normalizes: Bool
    /// Whether the run computes logits, instead of reading them from the workload.
    public var computesLogits: Bool
    /// Whether the coordinator computes the common experts.
    public var sharesOnCoordinator: Bool
    /// The number of workers, R.
    public var workers: Int
    /// Threads of each worker.
    public var threads: Int
    /// The most chunks of a layer in flight at a time.
    public var depth: Int

    /// The stack of one configuration.
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
