public import Basics

/// The record of one run of a point of a sweep: `point.json` in the folder of the run.
public struct PointRecord: Codable, Equatable, Sendable {
    /// The version of the layout of `point.json` that this library writes and reads.
    public static let schemaVersion = 1
    /// The name of the file in the folder of a run that holds the record.
    public static let fileName = "point.json"

    /// The version of the layout that this record has.
    public let schemaVersion: Int
    /// The name of the run: its point and its repeat.
    public let name: PointName
    /// The seed of the run.
    public let seed: UInt64
    /// The clock of the times in the record.
    public let clock: StepClock
    /// The verdict on the run.
    public let status: RunStatus
    /// The reasons for which the status is not `valid`; empty when it is.
    public let reasons: [String]
    /// The notes of the report; nil in records of earlier versions.
    public let notes: [String]?
    /// The warnings of a prediction, to read before comparing figures; nil in records of earlier versions.
    public let warnings: [String]?
    /// Seconds that the whole run took, with all work around its steps.
    public let seconds: Double
    /// The figures of the run.
    public let figures: PointFigures

    /// The record of a run.
    public init(_ outcome: PointOutcome, name: PointName, seed: UInt64, clock: StepClock, seconds: Double) {
        schemaVersion = Self.schemaVersion
        self.name = name
        self.seed = seed
        self.clock = clock
        self.seconds = seconds
        status = outcome.status
        reasons = outcome.reasons
        notes = outcome.notes
        warnings = outcome.warnings
        figures = outcome.figures
    }

    /// The record as JSON, as ``Report/json()`` writes it.
    public func json() throws(JSONError) -> String { try JSONText.of(self, called: "the point") }

    /// Read a record from the JSON that ``json()`` writes.
    ///
    /// - Throws: ``ReportError`` when the text is something else.
    public init(json: String) throws(ReportError) {
        do {
            self = try JSONText.decode(from: json)
        } catch {
            throw ReportError(.json, "this is no point of a sweep")
        }
        guard schemaVersion == Self.schemaVersion else {
            throw ReportError(
                .json,
                "a point of schema_version \(schemaVersion); this version reads \(Self.schemaVersion)"
            )
        }
    }
}

/// The outcome of one run of a sweep: a verdict, and figures where there are some.
public struct PointOutcome: Equatable, Sendable {
    /// The verdict on the run.
    public let status: RunStatus
    /// The reasons for which the status is not `valid`; empty when it is.
    public let reasons: [String]
    /// The notes of the report.
    public let notes: [String]
    /// The warnings of a prediction, to read before comparing figures; none of a live run, whose warnings are about its
    /// processes, which the table of a sweep has marks for.
    public let warnings: [String]
    /// The figures of the run; without values where it failed.
    public let figures: PointFigures

    /// An outcome with the given verdict and figures.
    public init(
        status: RunStatus,
        reasons: [String],
        notes: [String] = [],
        warnings: [String] = [],
        figures: PointFigures
    ) {
        self.status = status
        self.reasons = reasons
        self.notes = notes
        self.warnings = warnings
        self.figures = figures
    }

    /// The outcome of a run that left a report.
    public init(_ report: Report) {
        status = report.status
        reasons = report.reasons
        notes = report.notes ?? []
        warnings = report.clock == .modelled ? report.warnings : []
        figures = PointFigures(report)
    }

    /// The outcome of a run that failed without a report.
    public init(failure: String) {
        status = .failed
        reasons = [failure]
        (notes, warnings) = ([], [])
        figures = PointFigures()
    }
}

/// The name of a run of a sweep's point, and of its folder, for example `9c1f0a2b3c4d5e6f-r1`.
public struct PointName: Codable, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// Hexadecimal digits that identify the point by its configuration.
    public let point: String
    /// The number of the run among the runs of the point, from 1.
    public let `repeat`: Int

    /// The name of run number `repeat` of a point.
    public init(point: String, repeat: Int) {
        self.point = point
        self.repeat = `repeat`
    }

    /// The name as text: `<point>-r<repeat>`.
    public var description: String { "\(point)-r\(`repeat`)" }
}
