internal import HeapModule

/// The replicas of experts that make the largest load of a replica least, one slot after another.
///
/// Each further slot goes to the expert with the largest load per replica, equal ones by index. Source: DeepSeek's EPLB
/// (deepseek-ai/EPLB, `replicate_experts`); the greedy choice is optimal for the largest load per replica.
struct Replication {
    /// The expert of each slot: the experts in order, then those replicated, `[slots]`.
    private(set) var expertOfSlot: [Int]
    /// The number of each slot among its expert's, `[slots]`.
    private(set) var replicaOfSlot: [Int]
    /// The replicas of each expert, `[experts]`.
    private(set) var counts: [Int]
    /// The largest load per replica.
    private(set) var largest: Float

    /// Replicate experts of the given loads until there are `slots` slots.
    ///
    /// - Parameters:
    ///   - loads: copies of each expert, `[experts]`, in the precision of the published code.
    ///   - slots: slots, at least as many as experts.
    ///   - most: replicas that an expert may have, or nil for no limit.
    init(_ loads: [Float], slots: Int, most: Int? = nil) {
        expertOfSlot = Array(loads.indices)
        expertOfSlot.reserveCapacity(slots)
        replicaOfSlot = [Int](repeating: 0, count: loads.count)
        counts = [Int](repeating: 1, count: loads.count)
        var heap = Heap(loads.enumerated().map { Candidate(load: $1, expert: $0) })
        while expertOfSlot.count < slots, var top = heap.min {
            if let most, counts[top.expert] >= most { break }
            expertOfSlot.append(top.expert)
            replicaOfSlot.append(counts[top.expert])
            counts[top.expert] += 1
            top.load = loads[top.expert] / Float(counts[top.expert])
            heap.replaceMin(with: top)
        }
        largest = heap.min?.load ?? 0
    }

    private struct Candidate: Comparable {
        var load: Float
        let expert: Int

        static func < (left: Candidate, right: Candidate) -> Bool {
            left.load > right.load || left.load == right.load && left.expert < right.expert
        }
    }
}
