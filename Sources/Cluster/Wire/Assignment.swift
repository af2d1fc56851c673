public import MoE
public import Tensors

/// A worker's part of a run: the experts that it hosts, and the form and the limits of its messages.
public struct Assignment: Codable, Equatable, Sendable {
    /// The experts that a worker holds and the form of their weights; a worker that already holds equal ones loads
    /// nothing.
    public struct Weights: Codable, Equatable, Sendable {
        /// The source of the weights.
        public var source: WeightSource
        /// The shape of the model.
        public var model: ModelShape
        /// The number type of the products.
        public var dtype: DType
        /// The work classes of the experts' matrix products, by mean number of rows, and the form chosen for each
        /// shape.
        public var products: ProductPlan
        /// Routed experts that this worker holds, `[layer][slot]`. The common experts are the slots
        /// behind the last of these, in the order of `ModelShape/commonExperts`.
        public var experts: [[Int]]
        /// Whether the worker holds the common experts.
        public var holdsCommonExperts: Bool
        /// OpenMP threads of the worker.
        public var threads: Int

        /// The weights of one rank.
        public init(
            source: WeightSource,
            model: ModelShape,
            dtype: DType,
            products: ProductPlan,
            experts: [[Int]],
            holdsCommonExperts: Bool,
            threads: Int
        ) {
            self.source = source
            self.model = model
            self.dtype = dtype
            self.products = products
            self.experts = experts
            self.holdsCommonExperts = holdsCommonExperts
            self.threads = threads
        }

        /// The common experts that this worker holds.
        public var commonExperts: [CommonExpert] { holdsCommonExperts ? model.commonExperts : [] }

        /// The number of slots in one layer, those of common experts included.
        public func slots(inLayer layer: Int) -> Int {
            experts[layer].count + commonExperts.count
        }
    }

    /// The rank of the worker.
    public var rank: Int
    /// The weights that the worker holds.
    public var weights: Weights
    /// The form of token rows on the wire.
    public var form: RowForm
    /// The most bytes that the coordinator will have in flight to and from this worker.
    public var creditBytes: Int
    /// The time without a message after which the worker takes the coordinator for lost.
    public var silenceLimit: Nanoseconds
    /// The artificial delay of the rank, to study stragglers, or nil.
    public var delay: PhaseDelay?

    /// The assignment of one rank.
    public init(
        rank: Int,
        weights: Weights,
        form: RowForm,
        creditBytes: Int,
        silenceLimit: Nanoseconds,
        delay: PhaseDelay?
    ) {
        self.rank = rank
        self.weights = weights
        self.form = form
        self.creditBytes = creditBytes
        self.silenceLimit = silenceLimit
        self.delay = delay
    }
}

extension Assignment {
    /// The largest width that a worker accepts; products of two such widths and a 32-bit row count fit 64 bits.
    static let widthLimit = 1 << 24

    /// Throw for an assignment of impossible sizes or numbers, before a worker allocates or indexes anything by it.
    func check() throws(WireError) {
        guard weights.experts.count == weights.model.layers else {
            throw WireError(
                "an assignment of experts in \(weights.experts.count) layers of a model of \(weights.model.layers)"
            )
        }
        for (layer, held) in weights.experts.enumerated() {
            guard let stranger = held.first(where: { $0 < 0 || $0 >= weights.model.experts }) else { continue }
            throw WireError("an assignment of expert \(stranger) in layer \(layer) of \(weights.model.experts) experts")
        }
        let common = weights.model.commonExperts
        for shape in [weights.model.expert] + common.map(\.shape) {
            try Self.check(shape.hidden, "hidden width", 1...Self.widthLimit)
            try Self.check(shape.ffn, "inner width", 0...Self.widthLimit)
        }
        if let other = common.first(where: { $0.shape.hidden != weights.model.hidden }) {
            throw WireError(
                "an assignment of a \(other.identity) expert of width \(other.shape.hidden) beside \(weights.model.hidden)"
            )
        }
        if case .checkpoint(let checkpoint) = weights.source, checkpoint.layers.count != weights.model.layers {
            throw WireError(
                "an assignment of \(checkpoint.layers.count) layers of a checkpoint to a model of \(weights.model.layers)"
            )
        }
        try Self.check(weights.threads, "number of threads", 1...4096)
        try Self.check(creditBytes, "credit", 1...Int.max)
        try Self.check(Int(silenceLimit), "silence limit", 1...Int.max)
        try Self.check(Int(delay?.duration ?? 0), "delay", 0...Int(Nanoseconds(seconds: 86_400)))
        for dtype in [weights.dtype, form.combine] where dtype != .f32 && dtype != .bf16 {
            throw WireError("an assignment of \(dtype.rawValue) numbers; allowed are F32 and BF16")
        }
        guard [.f32, .bf16, .f8e4m3].contains(form.dispatch) else {
            throw WireError("an assignment of \(form.dispatch.rawValue) rows; allowed are F32, BF16 and F8_E4M3")
        }
        guard form.carriesWeights || !form.presums else {
            throw WireError("an assignment to sum outputs without their weights")
        }
    }

    private static func check(_ value: Int, _ name: String, _ allowed: ClosedRange<Int>) throws(WireError) {
        guard allowed.contains(value) else {
            throw WireError(
                "an assignment whose \(name) is \(value); allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
            )
        }
    }
}

/// The source of a worker's weights; none of them cross the wire.
public enum WeightSource: Codable, Equatable, Sendable {
    /// The weights are a function of this seed.
    case seed(UInt64)
    /// The weights stand in a checkpoint that the worker can read.
    case checkpoint(CheckpointReference)
}

/// Layers of a checkpoint, as a coordinator names them to its workers.
public struct CheckpointReference: Codable, Equatable, Sendable {
    /// File, folder or index, absolute; every worker reads it under this path.
    public var path: String
    /// The family whose names and layouts are used.
    public var family: String
    /// Numbers of the layers in the checkpoint, in the order of the run.
    public var layers: [Int]
    /// The newest change time of the checkpoint's files, as the coordinator sees it, in nanoseconds since 1970: a
    /// worker that stays must not keep weights that have been overwritten.
    public var changed: Int64
    /// How the matrices are stored, in words, as the coordinator's copy of the files beside them says; a worker whose
    /// copy says otherwise refuses.
    public var storage: String

    /// A reference to `layers` of the checkpoint at `path`.
    public init(path: String, family: String, layers: [Int], changed: Int64, storage: String) {
        self.path = path
        self.family = family
        self.layers = layers
        self.changed = changed
        self.storage = storage
    }
}

/// Time that one rank loses on purpose in one phase of every layer, to study stragglers and to test the accounting.
public struct PhaseDelay: Codable, Equatable, Sendable {
    /// The phase in which the time is lost.
    public enum Phase: String, Codable, CaseIterable, Sendable {
        /// The dispatch, on its way to the worker.
        case dispatch
        /// The wait between the arrival of a dispatch and the first product.
        case queue
        /// The computation of the experts.
        case compute
        /// The combine, on the way back to the coordinator.
        case combine
    }

    /// The phase in which the time is lost.
    public var phase: Phase
    /// The rank that loses the time.
    public var rank: Int
    /// The delay, once in every layer: the first batch of the layer is held up.
    public var duration: Nanoseconds

    /// A delay of `duration` in `phase` of `rank`.
    public init(phase: Phase, rank: Int, duration: Nanoseconds) {
        self.phase = phase
        self.rank = rank
        self.duration = duration
    }
}

/// A coordinator's demands on its workers: assignments and deadlines.
public struct ClusterPlan: Sendable {
    /// The time limits of a run.
    public struct Deadlines: Equatable, Sendable {
        /// The time from the start until every worker must be ready.
        public var start: Nanoseconds
        /// The time between two pings to a worker.
        public var heartbeat: Nanoseconds
        /// The time from the routing of an exchange until its last result must be there.
        public var layer: Nanoseconds

        /// The deadlines of a run, by their three time limits.
        public init(start: Nanoseconds, heartbeat: Nanoseconds, layer: Nanoseconds) {
            self.start = start
            self.heartbeat = heartbeat
            self.layer = layer
        }
    }

    /// Heartbeats without an answer after which a worker is lost.
    public static let liveness: Int64 = 4

    /// The number that identifies the run in its messages.
    public var epoch: UInt32
    /// The assignment of each rank, `[ranks]`.
    public var assignments: [Assignment]
    /// The time limits of the run.
    public var deadlines: Deadlines
    /// Whether the coordinator itself computes the common experts.
    public var hasOwnExperts: Bool
    /// Kernel identity of the coordinator's host; workers with the same one share its clock.
    public var bootID: String

    /// A plan for `assignments.count` workers.
    public init(epoch: UInt32, assignments: [Assignment], deadlines: Deadlines, hasOwnExperts: Bool, bootID: String) {
        self.epoch = epoch
        self.assignments = assignments
        self.deadlines = deadlines
        self.hasOwnExperts = hasOwnExperts
        self.bootID = bootID
    }
}
