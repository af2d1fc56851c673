/// The copies of a plan as rows of one width, as files hold them: what a token lacks is expert ``none``.
public struct ChoiceRows: Equatable, Sendable {
    /// Stands where a token has no further copy; its weight is 0 and it is not kept.
    public static let none: Int32 = -1

    /// Copies per row.
    public let width: Int
    /// The experts, `[tokens * width]`.
    public private(set) var experts: [Int32]
    /// The weights, `[tokens * width]`.
    public private(set) var weights: [Float]
    /// 1 for a copy that is sent to its expert, else 0, `[tokens * width]`.
    public private(set) var kept: [UInt8]

    /// The copies of each token in the plan's order of choice.
    ///
    /// - Precondition: no token has more than `width` copies.
    public init(_ plan: DispatchPlan, width: Int) {
        self.width = width
        experts = [Int32](repeating: Self.none, count: plan.tokens * width)
        weights = [Float](repeating: 0, count: plan.tokens * width)
        kept = [UInt8](repeating: 0, count: plan.tokens * width)
        for token in 0..<plan.tokens {
            let copies = plan.copies(ofToken: token)
            precondition(copies.count <= width, "token \(token) has \(copies.count) copies; \(width) fit in a row")
            for (column, copy) in copies.enumerated() {
                experts[token * width + column] = plan.expert[copy]
                weights[token * width + column] = plan.weight[copy]
                kept[token * width + column] = plan.isKept(copy) ? 1 : 0
            }
        }
    }
}
