/// The copies that each expert of a plan got and lost.
public struct ExpertLoads: Equatable, Sendable {
    /// Kept copies per expert, `[experts]`.
    public private(set) var kept: [Int]
    /// Dropped copies per expert, `[experts]`.
    public private(set) var dropped: [Int]
    /// Tokens all of whose copies were dropped, or that were given none.
    public private(set) var tokensWithoutExpert = 0

    /// Copies that the router asked each expert to take, `[experts]`.
    public var asked: [Int] { zip(kept, dropped).map { $0 + $1 } }

    /// Count the copies of a plan.
    public init(_ plan: DispatchPlan) {
        kept = [Int](repeating: 0, count: plan.experts)
        dropped = kept
        for token in 0..<plan.tokens {
            var served = false
            for copy in plan.copies(ofToken: token) {
                let expert = Int(plan.expert[copy])
                if plan.isKept(copy) {
                    kept[expert] += 1
                    served = true
                } else {
                    dropped[expert] += 1
                }
            }
            if !served { tokensWithoutExpert += 1 }
        }
    }
}
