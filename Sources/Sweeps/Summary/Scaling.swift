public import Reports

/// The speed-up of a point over the smallest of its kind, and its efficiency.
public struct Scaling: Equatable, Sendable {
    /// Strong: step of the smallest / own step. Weak: that times the ratio of the scales, since a step does so much more.
    public let speedUp: Double
    /// Speed-up / ratio of the scales; 1 is ideal.
    public let efficiency: Double

    /// The scaling of each group; nil where it, or the smallest of its kind, has no step.
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
    /// The values of some parameters, in the order of the sweep.
    public func values(_ keys: [String]) -> [String?] {
        parameters.filter { keys.contains($0.key) }.map(\.text)
    }
}

/// The rule by which points of a sweep are compared as their scale grows.
public struct ScalingRule: Equatable, Sendable {
    /// How the time of a step should go.
    public let ideal: ScalingIdeal
    /// The key of the scale.
    public let scale: String
    /// Keys whose values two points must share to be held against each other.
    public let keysBesideScale: [String]

    /// A rule.
    public init(ideal: ScalingIdeal, scale: String, keysBesideScale: [String]) {
        self.ideal = ideal
        self.scale = scale
        self.keysBesideScale = keysBesideScale
    }
}

/// The ideal of a step's time as a sweep's scale grows.
public enum ScalingIdeal: String, CaseIterable, Equatable, Sendable {
    /// The same work: as 1 / scale.
    case strong
    /// Work that grows with the scale: it stays.
    case weak
}
