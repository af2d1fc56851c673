public import MoE
public import Tensors

/// What a worker has to host, and how the run talks to it.
public struct Assignment: Codable, Equatable, Sendable {
    /// The part that decides which weights the worker holds; equal parts need no second load.
    public struct Weights: Codable, Equatable, Sendable {
        /// Where they come from.
        public var source: WeightSource
        /// Shape of the model.
        public var model: ModelShape
        /// Dtype of the products.
        public var dtype: DType
        /// The classes of its products, and their forms.
        public var products: ProductPlan
        /// Routed experts that this worker holds, `[layer][slot]`. The experts that every token visits are the slots
        /// behind the last of these, in the order of ``ModelShape/commonExperts``.
        public var experts: [[Int]]
        /// Whether it holds the experts that every token visits.
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

        /// The experts that every token visits, as far as this worker holds them.
        public var commonExperts: [CommonExpert] { holdsCommonExperts ? model.commonExperts : [] }

        /// Slots of one layer, those of common experts included.
        public func slots(inLayer layer: Int) -> Int {
            experts[layer].count + commonExperts.count
        }
    }

    /// Rank of the worker.
    public var rank: Int
    /// What it hosts.
    public var weights: Weights
    /// How token rows travel.
    public var form: RowForm
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
