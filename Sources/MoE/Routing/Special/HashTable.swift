import Tensors

/// A fixed map from vocabulary id to expert (Roller et al. 2021, arXiv 2106.04426, section 3).
public enum HashTable {
    /// The balanced table: ids by descending frequency, each to the expert that has the least so far, equal ones to the
    /// lowest expert.
    ///
    /// - Parameters:
    ///   - frequencies: how often each id occurs, `[vocabulary]`.
    ///   - experts: experts, E.
    /// - Returns: the expert of each id, `[vocabulary]`.
    public static func balanced(frequencies: [Double], experts: Int) -> [Int32] {
        var table = [Int32](repeating: 0, count: frequencies.count)
        var load = [Double](repeating: 0, count: experts)
        for id in frequencies.indices.sorted(by: { (-frequencies[$0], $0) < (-frequencies[$1], $1) }) {
            var lightest = 0
            for expert in 1..<max(experts, 1) where load[expert] < load[lightest] { lightest = expert }
            table[id] = Int32(lightest)
            load[lightest] += frequencies[id]
        }
        return table
    }

    /// The random table: the expert of an id under hash function `hash`, the same in every run.
    static func random(id: Int32, hash: Int, experts: Int) -> Int32 {
        Int32(CounterRandom(seed: 0, purpose: .expertChoice, hash).uniformDouble(Int(id)) * Double(experts))
    }
}
