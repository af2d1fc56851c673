/// The Pareto front: the elements that no other element beats in both cost and gain.
enum ParetoFront {
    /// Return the front in order of rising cost; elements of the same cost and gain are all kept.
    static func of<Element>(
        _ elements: [Element],
        cost: (Element) -> Double,
        gain: (Element) -> Double
    ) -> [Element] {
        let sorted = elements.sorted { (cost($0), -gain($0)) < (cost($1), -gain($1)) }
        var best = -Double.infinity
        var bestCost = -Double.infinity
        return sorted.filter { element in
            guard gain(element) > best || (gain(element) == best && cost(element) == bestCost) else { return false }
            (best, bestCost) = (gain(element), cost(element))
            return true
        }
    }
}
