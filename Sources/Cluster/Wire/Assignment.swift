public import MoE
public import Tensors

/// What a worker has to host, and how the run talks to it.
public struct Assignment: Codable, Equatable, Sendable {
    /// The part that decides which weights the worker holds; equal parts need no second load.
    public struct Weights: Codable, Equatable, Sendable {
        /// Seed that the weights are made from.
        public var seed: UInt64
        /// Shape of the model.
        public var model: ModelShape
        /// Dtype of the products.
        public var dtype: DType
        /// Routed experts that this worker holds, `[layer][slot]`. A shared expert, where the model has one, is the
        /// slot behind the last of these.
        public var experts: [[Int]]
        /// OpenMP threads of the worker.
        public var threads: Int

        /// The weights of one rank.
        public init(seed: UInt64, model: ModelShape, dtype: DType, experts: [[Int]], threads: Int) {
            self.seed = seed
            self.model = model
            self.dtype = dtype
            self.experts = experts
            self.threads = threads
        }

        /// Slots of one layer, the shared expert's included.
        public func slots(inLayer layer: Int) -> Int {
            experts[layer].count + (model.sharedExpert == nil ? 0 : 1)
        }
    }

    /// Rank of the worker.
    public var rank: Int
    /// What it hosts.
    public var weights: Weights
    /// Dtype of rows on the wire.
    public var payload: DType
    /// Whether the worker multiplies the gate weights in.
    public var appliesGateWeights: Bool
    /// Bytes that the coordinator will have in flight to and from this worker at most.
    public var creditBytes: Int
    /// How long the worker may hear nothing before it takes the coordinator for lost.
    public var silenceLimit: Nanoseconds
    /// Artificial delay, to study stragglers.
    public var delay: PhaseDelay?

    /// An assignment.
    public init(
        rank: Int,
        weights: Weights,
        payload: DType,
        appliesGateWeights: Bool,
        creditBytes: Int,
        silenceLimit: Nanoseconds,
        delay: PhaseDelay?
    ) {
        self.rank = rank
        self.weights = weights
        self.payload = payload
        self.appliesGateWeights = appliesGateWeights
        self.creditBytes = creditBytes
        self.silenceLimit = silenceLimit
        self.delay = delay
    }
}
