/// The loads of the experts of each layer, sorted from the busiest down, then averaged over layers place by place.
struct SortedLoads {
    /// The share of a layer's copies that the expert in each place has, mean over layers, `[experts]`; empty when
    /// nothing was routed.
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

    /// The load of the expert in each place / the mean of the layer, `[experts]`.
    var ratios: [Double] { shares.map { $0 * Double(shares.count) } }

    /// The share of a layer's copies that all experts up to each place have, `[experts]`.
    var cumulative: [Double] {
        var sum = 0.0
        return shares.map { share in
            sum += share
            return sum
        }
    }
}
