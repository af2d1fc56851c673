extension DispatchPlan {
    /// A plan for tokens that all make `choicesPerToken` choices, with the places that a capacity rule leaves them.
    ///
    /// - Parameters:
    ///   - experts: routed experts, E.
    ///   - choicesPerToken: choices per token, k.
    ///   - expert: the chosen experts, `[tokens * k]`, within a token by order of choice.
    ///   - weight: their weights, `[tokens * k]`. A drop leaves the weights of the other copies as they are.
    ///   - capacity: the rule, or nil to drop nothing.
    /// - Precondition: a whole number of tokens, and every expert in `0..<experts`.
    public init(experts: Int, choicesPerToken: Int, expert: [Int32], weight: [Float], capacity: CapacityRule?) {
        let tokens = expert.count / choicesPerToken
        let places = capacity?.capacity(tokens: tokens, topK: choicesPerToken, experts: experts)
        let assigner = PositionAssigner(experts: experts, capacity: places, order: capacity?.order ?? .position)
        self.init(
            experts: experts,
            copyOffsets: Array(stride(from: 0, through: expert.count, by: choicesPerToken)),
            expert: expert,
            weight: weight,
            position: assigner.positions(of: expert)
        )
    }
}
