import Records
import MoE

/// One loss of the router over all (step, layer) pairs that report it.
public struct LossFigures: Codable, Equatable, Sendable {
    /// What it is called in its paper.
    public let name: String
    /// The loss without its coefficient.
    public let value: Spread
    /// Its coefficient in the training objective, in the last step.
    @OrNull public private(set) var coefficient: Double?
    /// Its value at perfect balance, 1 or k, or nil where it has none.
    @OrNull public private(set) var valueAtBalance: Double?

    /// The losses of given layers by name, in the order in which they first appear.
    static func all(_ layers: [LayerRecord]) -> [LossFigures] {
        var names: [String] = []
        var values: [String: [BalanceLoss]] = [:]
        for loss in layers.lazy.flatMap(\.losses) {
            if values[loss.name] == nil { names.append(loss.name) }
            values[loss.name, default: []].append(loss)
        }
        return names.map { LossFigures(name: $0, values[$0, default: []]) }
    }

    private init(name: String, _ losses: [BalanceLoss]) {
        self.name = name
        value = Spread(losses.map(\.value))
        coefficient = losses.last.map(\.coefficient).flatMap(Average.finite)
        valueAtBalance = losses.last.flatMap(\.valueAtBalance).flatMap(Average.finite)
    }
}
