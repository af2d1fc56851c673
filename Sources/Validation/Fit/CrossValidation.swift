import CostModel

/// Predictions of some observations of one family on one hardware, by constants that were fitted with and without them.
struct CrossValidation {
    let observations: [Observation]
    let family: FitFamily
    let profile: HardwareProfile

    init(observations: [Observation], _ family: FitFamily, _ profile: HardwareProfile) {
        self.observations = observations
        self.family = family
        self.profile = profile
    }

    /// With the constants of the profile.
    func seconds() throws(HardwareError) -> [Double] { try observations.seconds(on: profile) }

    /// Each by constants that were fitted to the other folds; nil where the profile has none that were fitted.
    func foldSeconds() throws(HardwareError) -> [Double?] {
        var seconds = [Double?](repeating: nil, count: observations.count)
        guard !family.constants(of: observations, on: profile).isEmpty else { return seconds }
        for fold in 0..<Validator.folds {
            let indices = observations.indices.filter { observations[$0].row % Validator.folds == fold }
            let predicted = try predict(indices)
            for (index, value) in zip(indices, predicted ?? []) { seconds[index] = value }
        }
        return seconds
    }

    /// The errors of groups of rows that were kept from the fit.
    func heldOutScores() throws(HardwareError) -> [HeldOutScore] {
        guard !family.constants(of: observations, on: profile).isEmpty else { return [] }
        var scores: [HeldOutScore] = []
        for group in HeldOutGroup.of(observations, family: family) {
            let indices = observations.indices.filter { group.contains(observations[$0]) }
            guard let seconds = try predict(indices) else { continue }
            let errors = zip(indices, seconds).map { $1 / observations[$0].measuredSeconds - 1 }
            guard let summary = ErrorSummary(errors) else { continue }
            scores.append(HeldOutScore(hardware: profile.name, rows: group.name, errors: summary))
        }
        return scores
    }

    /// Some observations, by constants that were fitted to all others; nil when there are no others.
    private func predict(_ indices: [Int]) throws(HardwareError) -> [Double]? {
        let left = Set(indices)
        let others = observations.indices.filter { !left.contains($0) }.map { observations[$0] }
        guard !others.isEmpty else { return nil }
        let fit = ConstantFit(
            observations: others,
            constants: family.constants(of: observations, on: profile),
            start: profile
        )
        return try indices.map { observations[$0] }.seconds(on: fit.result())
    }
}
