import Basics
public import CostModel

/// The comparison of predictions with tables of published timings.
///
/// No constant is fitted to a table to score it: predictions use the constants of the profiles. Only cross-validation
/// fits the fitted constants again, each time without the rows that are then predicted.
public struct Validator: Sendable {
    /// The number of folds of the cross-validation; a row belongs to the fold of its index modulo this number.
    public static let folds = 5

    private let files: [TimingFile]
    private let profiles: [String: HardwareProfile]
    private let observations: [Observation]

    /// Create a comparison with the rows of tables.
    ///
    /// - Parameter profiles: the hardware profiles by the names in the column `gpu`.
    /// - Throws: ``TimingError`` with the rows whose hardware is not among the profiles or cannot run them.
    public init(_ files: [TimingFile], profiles: [String: HardwareProfile]) throws(TimingError) {
        self.files = files
        self.profiles = Dictionary(profiles.values.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var observations: [Observation] = []
        var problems: [TimingProblem] = []
        for file in files {
            for (index, row) in file.rows.enumerated() {
                func problem(_ message: String) -> TimingProblem {
                    TimingProblem(file: file.name, line: row.line, column: "gpu", message: message)
                }
                guard let profile = profiles[row.gpu] else {
                    let names = profiles.keys.sorted().joined(separator: ", ")
                    problems.append(problem("found \(Quoted.value(row.gpu)), allowed: \(names)"))
                    continue
                }
                do {
                    observations += try Observation.all(of: row, at: index, in: file.name, on: profile)
                } catch {
                    problems.append(problem("\(error)"))
                }
            }
        }
        guard problems.isEmpty else { throw TimingError(problems) }
        self.observations = observations
    }

    /// Score all tables.
    ///
    /// - Parameter crossValidates: whether constants are also fitted without a fifth of the rows, and without the rows
    ///   of a kind, to predict these.
    public func report(crossValidates: Bool) throws(HardwareError) -> ValidationReport {
        var seconds = [Double](repeating: .nan, count: observations.count)
        var foldSeconds = [Double?](repeating: nil, count: observations.count)
        var heldOut: [HeldOutScore] = []
        for part in parts {
            let validation = CrossValidation(
                observations: part.indices.map { observations[$0] },
                part.family,
                part.profile
            )
            for (index, value) in zip(part.indices, try validation.seconds()) { seconds[index] = value }
            guard crossValidates else { continue }
            for (index, value) in zip(part.indices, try validation.foldSeconds()) { foldSeconds[index] = value }
            heldOut += try validation.heldOutScores()
        }
        let predictions = observations.indices.map { index in
            prediction(of: observations[index], seconds[index], folds: foldSeconds[index])
        }
        return ValidationReport(
            schemaVersion: 1,
            tables: files.map { table($0, predictions) },
            heldOut: crossValidates ? heldOut : nil,
            predictions: predictions
        )
    }

    /// The groups of observations that are fitted together: those of one family on one hardware profile.
    private var parts: [(profile: HardwareProfile, family: FitFamily, indices: [Int])] {
        profiles.keys.sorted().flatMap { name in
            FitFamily.allCases.compactMap { family in
                let indices = observations.indices.filter {
                    observations[$0].hardware == name && FitFamily(observations[$0].setting) == family
                }
                guard let profile = profiles[name], !indices.isEmpty else { return nil }
                return (profile, family, indices)
            }
        }
    }

    private func prediction(of observation: Observation, _ seconds: Double, folds: Double?) -> RowPrediction {
        RowPrediction(
            file: observation.file,
            line: observation.line,
            hardware: observation.hardware,
            figure: observation.figure,
            setting: observation.setting.description,
            measuredUs: observation.measuredSeconds * 1e6,
            predictedUs: seconds * 1e6,
            error: seconds / observation.measuredSeconds - 1,
            foldError: folds.map { $0 / observation.measuredSeconds - 1 },
            notes: profiles[observation.hardware].map { observation.notes(on: $0) } ?? []
        )
    }

    private func table(_ file: TimingFile, _ predictions: [RowPrediction]) -> TableScore {
        let indices = observations.indices.filter { observations[$0].file == file.name }
        let scores = RowClass.of(file.kind).compactMap { rows -> Score? in
            let members = indices.filter { rows.contains(observations[$0]) }.map { predictions[$0] }
            guard let errors = ErrorSummary(members.map(\.error)),
                let worst = members.max(by: { abs($0.error) < abs($1.error) })
            else { return nil }
            let folds = members.allSatisfy { $0.foldError != nil } ? ErrorSummary(members.compactMap(\.foldError)) : nil
            return Score(
                file: file.name,
                rows: rows.name,
                errors: errors,
                folds: folds,
                worst: worst,
                target: rows.target,
                isMet: rows.target?.isMet(by: errors, folds: folds)
            )
        }
        let fitted = fitted(indices.map { observations[$0] })
        return TableScore(
            file: file.name,
            kind: file.kind,
            rows: file.rows.count,
            hardware: Set(indices.map { observations[$0].hardware }).sorted(),
            fittedConstants: fitted.constants,
            fittedOn: fitted.sources,
            scores: scores
        )
    }

    private func fitted(_ observations: [Observation]) -> (constants: [HardwareConstant], sources: [String]) {
        var constants: [HardwareConstant] = []
        var sources: [String] = []
        for name in Set(observations.map(\.hardware)).sorted() {
            guard let profile = profiles[name] else { continue }
            for family in FitFamily.allCases {
                let members = observations.filter { $0.hardware == name && FitFamily($0.setting) == family }
                for constant in family.constants(of: members, on: profile) {
                    if !constants.contains(constant) { constants.append(constant) }
                    let source = profile.constants[constant]?.source ?? ""
                    if !sources.contains(source) { sources.append(source) }
                }
            }
        }
        return (constants, sources)
    }
}

/// A class of rows of a table that are scored together.
struct RowClass {
    let name: String
    var target: ErrorTarget?
    let contains: @Sendable (Observation) -> Bool

    /// The classes of a kind of table, those with a target first.
    static func of(_ kind: TimingKind) -> [RowClass] {
        switch kind {
        case .lowLatency:
            let target = ErrorTarget(median: 0.08, p95: 0.20, largest: nil)
            return directions("", target) { _ in true }
        case .normal:
            let target = ErrorTarget(median: 0.10, p95: 0.25, largest: nil)
            let all = RowClass(name: "any number of tokens", contains: { _ in true })
            return directions("from 128 tokens, ", target) { $0.tokensPerGPU >= 128 } + [all]
        case .published:
            let target = ErrorTarget(median: 0.10, p95: nil, largest: 0.20)
            return [RowClass(name: "all", target: target) { _ in true }]
                + [CommunicationKernel.normal, .lowLatency].map { kernel in
                    RowClass(name: "\(kernel.rawValue) kernels") { $0.kernelSetting?.kernel == kernel }
                }
        case .experts:
            let target = ErrorTarget(median: 0.10, p95: 0.30, largest: nil)
            return [
                RowClass(name: "all", target: target) { _ in true },
                RowClass(name: "uniform", target: target) { $0.expertSetting?.routing == .uniform },
                RowClass(name: "power law", target: target) { $0.expertSetting?.routing != .uniform },
            ]
        }
    }

    private static func directions(
        _ prefix: String,
        _ target: ErrorTarget,
        _ contains: @escaping @Sendable (KernelSetting) -> Bool
    ) -> [RowClass] {
        let isWithin: @Sendable (Observation) -> Bool = { $0.kernelSetting.map(contains) ?? false }
        return [RowClass(name: "\(prefix)both ways", target: target, contains: isWithin)]
            + [TimingFigure.dispatch, .combine].map { figure in
                RowClass(name: "\(prefix)\(figure.rawValue)", target: target) { $0.figure == figure && isWithin($0) }
            }
    }
}

/// The predictions of observations of one family on one hardware, by constants that were fitted with and without them.
struct CrossValidation {
    let observations: [Observation]
    let family: FitFamily
    let profile: HardwareProfile

    init(observations: [Observation], _ family: FitFamily, _ profile: HardwareProfile) {
        self.observations = observations
        self.family = family
        self.profile = profile
    }

    /// The predicted times in seconds, by the constants of the profile.
    func seconds() throws(HardwareError) -> [Double] { try observations.seconds(on: profile) }

    /// The predicted times in seconds, each by constants that were fitted to the other folds; nil where the profile has
    /// no fitted constants.
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

    /// The errors of groups of rows that were left out of the fit.
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

    /// The predicted times of some observations in seconds, by constants fitted to all others; nil when there are no
    /// others.
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

/// The comparison of measured with predicted times.
public struct ValidationReport: Codable, Equatable, Sendable {
    /// The version of the form of this report.
    public let schemaVersion: Int
    /// The scores of the tables, in the order in which they were given.
    public let tables: [TableScore]
    /// The scores of groups of rows that were left out of the fit together; nil without cross-validation.
    public let heldOut: [HeldOutScore]?
    /// The prediction for each measured row.
    public let predictions: [RowPrediction]
}
