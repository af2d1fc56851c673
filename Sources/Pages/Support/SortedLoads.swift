/// The experts of each layer from the busiest down, averaged over layers place by place.
struct SortedLoads {
    /// The part of a layer's copies that the expert in each place has, `[experts]`; empty when nothing was routed.
    let shares: [Double]

    init(_ loads: [[Double]]) {
        let sorted = loads.compactMap { layer -> [Double]? in
            let total = layer.reduce(0, +)
            return total > 0 ? layer.sorted(by: >).map { $0 / total } : nil
        }
        shares = (sorted.first ?? []).indices.map { place in
            sorted.reduce(0) { $0 + $1[place] } / Double(sorted.count)
        }
    }

    /// Load / mean of the layer.
    var ratios: [Double] { shares.map { $0 * Double(shares.count) } }

    /// The part that the first places have together.
    var cumulative: [Double] {
        var sum = 0.0
        return shares.map { share in
            sum += share
            return sum
        }
    }
}
