public import Reports

/// The speed-up and the efficiency of a point against the point that has the smallest scale and is otherwise alike.
public struct Scaling: Equatable, Sendable {
    /// The step time of the point with the smallest scale / that of this point. In weak scaling it is multiplied by the
    /// ratio of the two scales, since a step of this point does that much more work.
    public let speedUp: Double
    /// The speed-up / the ratio of this scale to the smallest; 1 is ideal.
    public let efficiency: Double

    /// Return the scaling of each point; nil where the point, or the one of smallest scale to compare it with, has no
    /// step time.
    public static func all(_ groups: [PointGroup], _ rule: ScalingRule) -> [Scaling?] {
        var smallest: [[String?]: PointGroup] = [:]
        for group in groups {
            guard let scale = group.number(rule.scale) else { continue }
            let kind = group.values(rule.keysBesideScale)
            if let known = smallest[kind], (known.number(rule.scale) ?? 0) <= scale { continue }
            smallest[kind] = group
        }
        return groups.map { group in
            let base = smallest[group.values(rule.keysBesideScale)]
            guard let base, let first = base.stepSeconds, let step = group.stepSeconds, step > 0,
                let least = base.number(rule.scale), let scale = group.number(rule.scale), least > 0
            else { return nil }
            let ratio = scale / least
            let speedUp = first / step * (rule.ideal == .weak ? ratio : 1)
            return Scaling(speedUp: speedUp, efficiency: speedUp / ratio)
        }
    }
}

extension PointGroup {
    /// The values of the given keys, in the order of the sweep.
    public func values(_ keys: [String]) -> [String?] {
        parameters.filter { keys.contains($0.key) }.map(\.text)
    }
}

/// The rule by which points of a sweep are compared as their scale grows.
public struct ScalingRule: Equatable, Sendable {
    /// The ideal that step times are compared with.
    public let ideal: ScalingIdeal
    /// The key whose value is the scale of a point.
    public let scale: String
    /// The keys whose values two points must share to be compared by scale.
    public let keysBesideScale: [String]

    /// Create a rule.
    public init(ideal: ScalingIdeal, scale: String, keysBesideScale: [String]) {
        self.ideal = ideal
        self.scale = scale
        self.keysBesideScale = keysBesideScale
    }
}

/// The ideal of a step's time as the scale of a sweep grows.
public enum ScalingIdeal: String, CaseIterable, Equatable, Sendable {
    /// Strong scaling: the same work, in time that falls as 1 / scale.
    case strong
    /// Weak scaling: work that grows with the scale, in the same time.
    case weak
}
