/// Gives every copy its place in the queue of its expert.
public struct PositionAssigner: Sendable {
    private let experts: Int
    private let capacity: Int
    private let order: ContestOrder

    /// An assigner for queues of `capacity` places; without a capacity no copy is dropped.
    ///
    /// - Parameters:
    ///   - experts: routed experts, E.
    ///   - capacity: copies that each expert takes, or nil for as many as come.
    ///   - order: who comes first.
    public init(experts: Int, capacity: Int?, order: ContestOrder = .position) {
        self.experts = experts
        self.capacity = capacity ?? .max
        self.order = order
    }

    /// The places of the copies, from 0 in each queue, or ``DispatchPlan/dropped`` where the queue was full.
    ///
    /// - Parameter expert: the expert of each copy, token after token and within a token by order of choice.
    /// - Precondition: every expert is in `0..<experts`.
    public func positions(of expert: [Int32]) -> [Int32] {
        var positions = [Int32](repeating: DispatchPlan.dropped, count: expert.count)
        var taken = [Int](repeating: 0, count: experts)
        switch order {
        case .position:
            for (copy, expert) in expert.enumerated() where taken[Int(expert)] < capacity {
                positions[copy] = Int32(taken[Int(expert)])
                taken[Int(expert)] += 1
            }
        }
        return positions
    }
}
