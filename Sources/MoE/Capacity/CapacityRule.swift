/// How many copies each expert takes per layer and step, and which ones.
public struct CapacityRule: Equatable, Sendable {
    /// Capacity as a multiple of the copies that an expert gets at perfect balance.
    public var factor: Double
    /// The least capacity.
    public var minimum: Int
    /// Who comes first.
    public var order: ContestOrder

    /// A rule.
    ///
    /// - Precondition: `factor` is finite and above 0, and `minimum` is not negative.
    public init(factor: Double, minimum: Int = 0, order: ContestOrder = .position) {
        precondition(factor.isFinite && factor > 0, "a capacity factor of \(factor)")
        precondition(minimum >= 0, "a minimum capacity of \(minimum)")
        self.factor = factor
        self.minimum = minimum
        self.order = order
    }

    /// Copies that each expert takes: max(minimum, ceil(factor T k / E)) (the formula of DeepSpeed and Megatron-Core).
    ///
    /// A product that is whole except for binary rounding is not rounded up: factor 1.1 and 100 copies give 110, not 111.
    ///
    /// - Parameters:
    ///   - tokens: tokens of the batch, T.
    ///   - topK: choices per token, k.
    ///   - experts: routed experts, E.
    public func capacity(tokens: Int, topK: Int, experts: Int) -> Int {
        let exact = factor * Double(tokens) * Double(topK) / Double(experts)
        let roundedUp = (exact * (1 - 1e-12)).rounded(.up)
        return max(minimum, Int(exactly: roundedUp) ?? .max)
    }
}
