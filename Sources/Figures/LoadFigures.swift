public import Basics
import MoE
public import Records

/// The spread of routed copies over ranks and experts.
///
/// Loads are counted per (step, layer), in routed copies that were kept; each figure is computed there, and then
/// summarised over all (step, layer) pairs that have any. Loads are never summed over layers first: that would hide
/// imbalance.
public struct LoadFigures: Codable, Equatable, Sendable {
    private static let section = Figure.Section.load
    private static let lossesKey = JSONKey(stringValue: "losses")

    /// The figures of the load.
    public let figures: FigureValues
    /// The balance losses that the router reports, in the router's order.
    public let losses: [LossFigures]

    /// Compute the load figures of the steps that `sums` accumulates.
    public init(_ sums: FigureAccumulator) {
        figures = sums.values(of: Self.section)
        losses = sums.losses.map { LossFigures($0) }
    }

    /// Read the figures of the catalogue and the losses.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        figures = try FigureValues(from: container, section: Self.section)
        losses = try container.decode([LossFigures].self, forKey: Self.lossesKey)
    }

    /// Write the figures of the catalogue and the losses.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
        try container.encode(losses, forKey: Self.lossesKey)
    }
}

/// One loss of the router over all (step, layer) pairs that report it.
public struct LossFigures: Codable, Equatable, Sendable {
    /// The name of the loss in its paper.
    public let name: String
    /// The loss without its coefficient.
    public let value: Spread
    /// The coefficient of the loss in the training objective, in the last step.
    @OrNull public private(set) var coefficient: Double?
    /// The value of the loss at perfect balance, 1 or k, or nil where it has none.
    @OrNull public private(set) var valueAtBalance: Double?

    init(_ loss: LossValues) {
        name = loss.name
        value = Spread(loss.values)
        coefficient = Average.finite(loss.last.coefficient)
        valueAtBalance = loss.last.valueAtBalance.flatMap(Average.finite)
    }
}

extension LossFigures: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "coefficient": "Its coefficient in the training objective, in the last step.",
        "name": "The name that its paper gives it.",
        "value": "The loss without its coefficient.",
        "value_at_balance": "Its value at perfect balance, 1 or k, or null where it has none.",
    ]
}

/// Routed copies of each expert of each layer, summed over steps, for heat maps.
public struct ExpertLoadSums: Equatable, Sendable {
    private var copies: [[Int]] = []
    private var steps = 0

    /// Create sums over no steps.
    public init() {}

    /// Add a measured step; all steps have the same layers and experts.
    public mutating func add(_ step: StepRecord) {
        if copies.isEmpty { copies = step.layers.map { $0.expertCopies.map { _ in 0 } } }
        for (layer, record) in step.layers.enumerated() where layer < copies.count {
            for (expert, count) in record.expertCopies.enumerated() where expert < copies[layer].count {
                copies[layer][expert] += count
            }
        }
        steps += 1
    }

    /// Mean kept copies per step, `[layers][experts]`; empty without steps.
    public var means: [[Double]] {
        copies.map { $0.map { Double($0) / Double(max(steps, 1)) } }
    }
}
