/// The points of two sweeps, matched by what is varied; the order of keys does not matter.
struct SweepMatch {
    /// A point that both have.
    struct Pair {
        let parameters: [String]
        let a: [PointFigures]
        let b: [PointFigures]
    }

    private(set) var both: [Pair] = []
    private(set) var onlyA: [[String]] = []
    private(set) var onlyB: [[String]] = []

    init(_ a: [SweepRow], _ b: [SweepRow]) {
        let (ofA, ofB) = (PointGroup.all(a), PointGroup.all(b))
        let known = Dictionary(ofB.map { (Set($0.texts), $0) }, uniquingKeysWith: { first, _ in first })
        for group in ofA {
            if let other = known[Set(group.texts)] {
                both.append(
                    Pair(
                        parameters: group.texts,
                        a: group.finished.map(\.figures),
                        b: other.finished.map(\.figures)
                    )
                )
            } else {
                onlyA.append(group.texts)
            }
        }
        let names = Set(ofA.map { Set($0.texts) })
        onlyB = ofB.map(\.texts).filter { !names.contains(Set($0)) }
    }
}

extension PointGroup {
    /// The values that are varied, `key=value`; what does not apply to the point is left out.
    fileprivate var texts: [String] {
        parameters.compactMap { parameter in parameter.text.map { "\(parameter.key)=\($0)" } }
    }
}
