/// A placement with the slots of experts that stay on their rank kept as they were.
///
/// The experts of each rank are those of the new placement; one that the rank holds already keeps its slot, the first
/// that matches, and newcomers fill the free slots in order. Source: vLLM's `preserve_intragpu_slots`.
enum KeptSlots {
    /// The expert of each slot, `[slots]`.
    ///
    /// - Parameters:
    ///   - experts: the expert of each slot by the new placement, `[slots]`.
    ///   - inForce: the placement in force, of as many slots on each rank.
    static func experts(_ experts: [Int], inForce: LayerPlacement) -> [Int] {
        (0..<inForce.ranks).flatMap { rank -> [Int] in
            let slots = inForce.slotNumbers(onRank: rank)
            var kept = [Int?](repeating: nil, count: slots.count)
            var newcomers: [Int] = []
            for expert in experts[slots] {
                let place = kept.indices.first {
                    kept[$0] == nil && inForce.slots[slots.lowerBound + $0].expert == expert
                }
                if let place { kept[place] = expert } else { newcomers.append(expert) }
            }
            var next = newcomers.makeIterator()
            return kept.compactMap { $0 ?? next.next() }
        }
    }
}
