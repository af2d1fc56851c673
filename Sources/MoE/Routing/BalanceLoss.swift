/// One loss that a router reports for a layer.
public struct BalanceLoss: Codable, Equatable, Sendable {
    /// What it is called in its paper, for example `switch auxiliary`.
    public var name: String
    /// The loss without its coefficient.
    public var value: Double
    /// Its coefficient in the training objective.
    public var coefficient: Double
    /// The value at perfect balance (1 or k, see the unit table in the docs), or nil where there is none.
    public var valueAtBalance: Double?

    /// A loss of `value`, weighted by `coefficient`.
    public init(name: String, value: Double, coefficient: Double, valueAtBalance: Double?) {
        self.name = name
        self.value = value
        self.coefficient = coefficient
        self.valueAtBalance = valueAtBalance
    }
}
