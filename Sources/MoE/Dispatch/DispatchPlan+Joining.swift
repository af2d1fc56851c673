extension DispatchPlan {
    /// The plan of the tokens of this one and, behind them, those of `other`, whose copies stand behind this one's in the
    /// queue of each expert.
    ///
    /// - Precondition: both plans are for the same experts and weigh the same side of them.
    public func joined(with other: DispatchPlan) -> DispatchPlan {
        precondition(experts == other.experts && weightTarget == other.weightTarget, "plans of different layers")
        var queued = [Int32](repeating: 0, count: experts)
        for copy in expert.indices where isKept(copy) {
            queued[Int(expert[copy])] = max(queued[Int(expert[copy])], position[copy] + 1)
        }
        return DispatchPlan(
            experts: experts,
            copyOffsets: copyOffsets + other.copyOffsets.dropFirst().map { $0 + copies },
            expert: expert + other.expert,
            weight: weight + other.weight,
            position: position
                + other.position.indices.map { copy in
                    other.isKept(copy) ? other.position[copy] + queued[Int(other.expert[copy])] : Self.dropped
                },
            weightTarget: weightTarget
        )
    }
}
