/// The split of each expert's copies over its replicas that makes the busiest rank's load least.
///
/// The least load is that of the linear program: minimise τ, so that no rank has more than τ copies and the slots of each
/// expert have all of its copies (LPLB, deepseek-ai/LPLB). It is found exactly, by Newton's method on minimum cuts: the
/// ranks that a cut leaves overfull hold some experts entirely, and τ is at least the mean load of those experts on them.
/// Everything is counted in whole numbers.
struct BestSplit {
    /// The least load of the busiest rank, in copies; it need not be a whole number.
    let load: Double
    /// Whole copies of each slot in a split whose busiest rank has at most one copy more than needed, `[slots]`.
    let copiesOfSlot: [Int]

    /// Split the copies of each expert, `[experts]`, over the slots of a placement.
    init(_ copies: [Int], on placement: LayerPlacement) {
        var (numerator, denominator) = (copies.reduce(0, +), placement.ranks)
        // Each cut raises the load, and there are finitely many sets of ranks; a few rounds are enough in practice.
        while denominator > 0 {
            var flow = Flow(copies, on: placement, scale: denominator, capacity: numerator)
            flow.fill()
            guard let tight = flow.overfull() else { break }
            (numerator, denominator) = (tight.copies, tight.ranks)
        }
        load = Double(numerator) / Double(max(denominator, 1))
        var whole = Flow(copies, on: placement, scale: 1, capacity: (numerator + denominator - 1) / max(denominator, 1))
        whole.fill()
        copiesOfSlot = whole.flowOfSlot
    }
}

/// The flow of copies from experts through slots to ranks of bounded capacity.
private struct Flow {
    private let placement: LayerPlacement
    private let copies: [Int]
    private let capacity: Int
    private var unplaced: [Int]
    private var loadOfRank: [Int]
    private(set) var flowOfSlot: [Int]

    init(_ copies: [Int], on placement: LayerPlacement, scale: Int, capacity: Int) {
        self.placement = placement
        self.copies = copies
        self.capacity = capacity
        unplaced = copies.map { $0 * scale }
        loadOfRank = [Int](repeating: 0, count: placement.ranks)
        flowOfSlot = [Int](repeating: 0, count: placement.slots.count)
    }

    /// Send as much as goes: from each expert along the shortest paths that move others' copies out of the way.
    mutating func fill() {
        for expert in copies.indices.sorted(by: { count(of: $0) < count(of: $1) }) {
            while unplaced[expert] > 0, augment(from: expert) {}
        }
    }

    private func count(of expert: Int) -> Int { placement.slotNumbers(ofExpert: expert).count }

    /// The ranks that are full of experts which have no other rank to go to, with all copies of those experts; nil when
    /// everything was placed.
    func overfull() -> (copies: Int, ranks: Int)? {
        guard let first = unplaced.firstIndex(where: { $0 > 0 }) else { return nil }
        let reached = search(from: first)
        let experts = copies.indices.filter { reached.slotToExpert[$0] != Search.unseen }
        return (experts.reduce(0) { $0 + copies[$1] }, reached.ranks)
    }

    /// A breadth-first search through experts: the slot by which each was reached.
    private struct Search {
        static let unseen = -2
        static let start = -1
        /// The slot whose flow would be moved away from each expert's rank, `[experts]`.
        var slotToExpert: [Int]
        /// The slot of another expert through which that rank was entered, `[experts]`.
        var entry: [Int]
        var ranks = 0
        /// The slot on a rank with room, or nil.
        var exit: Int?
    }

    private func search(from expert: Int) -> Search {
        var search = Search(
            slotToExpert: [Int](repeating: Search.unseen, count: copies.count),
            entry: [Int](repeating: Search.unseen, count: copies.count)
        )
        search.slotToExpert[expert] = Search.start
        var seen = [Bool](repeating: false, count: placement.ranks)
        var queue = [expert]
        var next = 0
        while next < queue.count {
            let current = queue[next]
            next += 1
            for slot in placement.slotNumbers(ofExpert: current) {
                let rank = Int(placement.rankOfSlot[Int(slot)])
                guard !seen[rank] else { continue }
                seen[rank] = true
                search.ranks += 1
                if loadOfRank[rank] < capacity {
                    search.exit = Int(slot)
                    return search
                }
                for other in placement.slotNumbers(onRank: rank) where flowOfSlot[other] > 0 {
                    let moved = placement.slots[other].expert
                    guard search.slotToExpert[moved] == Search.unseen else { continue }
                    search.slotToExpert[moved] = other
                    search.entry[moved] = Int(slot)
                    queue.append(moved)
                }
            }
        }
        return search
    }

    /// Send copies of an expert along one path; return whether there was one.
    private mutating func augment(from expert: Int) -> Bool {
        let search = search(from: expert)
        guard let exit = search.exit else { return false }
        var path: [(into: Int, outOf: Int)] = []
        var current = placement.slots[exit].expert
        var amount = capacity - loadOfRank[Int(placement.rankOfSlot[exit])]
        var into = exit
        while search.slotToExpert[current] != Search.start {
            let outOf = search.slotToExpert[current]
            path.append((into, outOf))
            amount = min(amount, flowOfSlot[outOf])
            into = search.entry[current]
            current = placement.slots[into].expert
        }
        amount = min(amount, unplaced[expert])
        for (into, outOf) in path {
            flowOfSlot[into] += amount
            flowOfSlot[outOf] -= amount
        }
        flowOfSlot[into] += amount
        loadOfRank[Int(placement.rankOfSlot[exit])] += amount
        unplaced[expert] -= amount
        return true
    }
}
