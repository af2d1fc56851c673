import Records
import MoE

/// One measured step: its loads and losses as means over its layers.
public struct StepFigures: Codable, Equatable, Sendable {
    /// One loss of the router in the step.
    public struct Loss: Codable, Equatable, Sendable {
        /// What it is called in its paper.
        public let name: String
        /// The loss without its coefficient, mean over the layers that report it.
        @OrNull public private(set) var value: Double?

        /// A loss with its mean.
        init(name: String, value: Double?) {
            self.name = name
            self.value = value
        }
    }

    /// Index of the step, counted without the warm-up.
    public let step: Int
    /// Tokens of the step.
    public let tokens: Int
    /// Seconds from tokens in to outputs combined.
    public let seconds: Double
    /// Max load over ranks / mean load over ranks.
    @OrNull public private(set) var rankImbalance: Double?
    /// Max load over experts / mean load over experts.
    @OrNull public private(set) var expertImbalance: Double?
    /// Population standard deviation / mean of the load over experts.
    @OrNull public private(set) var expertCv: Double?
    /// Max load over experts / mean load over experts - 1.
    @OrNull public private(set) var maxvio: Double?
    /// Copies dropped / copies asked for; 0 to 1.
    @OrNull public private(set) var droppedFraction: Double?
    /// Tokens that no expert served in a layer.
    @OrNull public private(set) var tokensWithoutExpert: Double?
    /// The losses, in the order in which the router reports them.
    public let losses: [Loss]

    /// The figures of one step; a layer that lacks a rank does not count for the ranks' imbalance.
    init(_ step: StepRecord, ranks: Int) {
        let whole = step.layers.filter { $0.ranks.count == ranks }
        let experts = step.layers.map { LoadStatistics($0.expertCopies) }
        self.step = step.step
        tokens = step.tokens
        seconds = step.seconds
        rankImbalance = Average.of(whole.map { LoadStatistics($0.ranks.map(\.copies)).imbalance })
        expertImbalance = Average.of(experts.map(\.imbalance))
        expertCv = Average.of(experts.map(\.coefficientOfVariation))
        maxvio = Average.of(experts.map(\.maxViolation))
        droppedFraction = Average.of(
            step.layers.compactMap { Average.ratio(Double($0.expertDropped.reduce(0, +)), Double($0.copiesAskedFor)) }
        )
        tokensWithoutExpert = Average.of(step.layers.map { Double($0.tokensWithoutExpert) })
        losses = LossFigures.all(step.layers).map { Loss(name: $0.name, value: $0.value.mean) }
    }
}
