internal import HeapModule

/// The distribution of weighted items over packs that all hold equally many.
enum Packing {
    /// The place of an item: its pack, and its position in it.
    struct Place {
        var pack: Int
        var position: Int
    }

    /// Give each item, heaviest first, to the lightest pack with room; equal ones by index. One item a pack: in order.
    ///
    /// Source: DeepSeek's EPLB (deepseek-ai/EPLB, `balanced_packing`), with a stable order of equal weights.
    ///
    /// - Parameters:
    ///   - weights: the weight of each item, `[items]`, in the precision of the published code.
    ///   - room: items that each pack takes, `[packs]`; together as many as there are items.
    static func heaviestFirst(_ weights: [Float], room: [Int]) -> [Place] {
        if room.allSatisfy({ $0 == 1 }) { return weights.indices.map { Place(pack: $0, position: 0) } }
        var places = [Place](repeating: Place(pack: 0, position: 0), count: weights.count)
        var packs = Heap(room.indices.filter { room[$0] > 0 }.map { Pack(sum: 0, index: $0) })
        for item in descending(weights) {
            guard var pack = packs.min else { break }
            places[item] = Place(pack: pack.index, position: pack.items)
            pack.sum += weights[item]
            pack.items += 1
            if pack.items < room[pack.index] { packs.replaceMin(with: pack) } else { packs.removeMin() }
        }
        return places
    }

    /// Give the items, heaviest first, to packs 0 to q - 1, then q - 1 to 0, and so on.
    ///
    /// Source: SGLang's `deepseek_vec`, and snake packing of arXiv 2510.06189.
    static func snake(_ weights: [Float], packs: Int) -> [Place] {
        var places = [Place](repeating: Place(pack: 0, position: 0), count: weights.count)
        for (rank, item) in descending(weights).enumerated() {
            let (round, step) = rank.quotientAndRemainder(dividingBy: packs)
            places[item] = Place(pack: round.isMultiple(of: 2) ? step : packs - 1 - step, position: round)
        }
        return places
    }

    /// The items by descending weight, equal ones by index.
    static func descending(_ weights: [Float]) -> [Int] {
        weights.indices.sorted { weights[$0] > weights[$1] || weights[$0] == weights[$1] && $0 < $1 }
    }

    private struct Pack: Comparable {
        var sum: Float
        let index: Int
        var items = 0

        static func < (left: Pack, right: Pack) -> Bool {
            left.sum < right.sum || left.sum == right.sum && left.index < right.index
        }
    }
}
