/// The description of one side of a comparison.
public struct SideDescription: Codable, Equatable, Sendable {
    /// What the user called it.
    public let name: String
    /// True for a sweep.
    public let isSweep: Bool
    /// Ids of the runs, or names of a sweep's runs.
    public let runs: [String]
    /// The clocks of their times, each once.
    public let clocks: [ReportClock]
    /// Their seeds, each once, ascending.
    public let seeds: [UInt64]
    /// The machines that they ran on, or the profiles that they were predicted for; not known of a sweep.
    public let hosts: [String]
    /// The versions of epsim; not known of a sweep.
    public let versions: [String]
    /// The runs that are not valid, each with its reasons in one line.
    public let doubts: [String]
    /// True where more processes computed than there are cores.
    public let isOversubscribed: Bool

    init(_ name: String, _ reports: [Report]) {
        self.name = name
        isSweep = false
        runs = reports.map(\.run.id)
        clocks = Self.unique(reports.map(\.clock))
        seeds = Set(reports.map(\.seed)).sorted()
        hosts = Self.unique(reports.flatMap { $0.run.hardware.map { [$0.profile] } ?? $0.run.hosts.map(\.name) })
        versions = Self.unique(reports.map(\.run.epsimVersion))
        doubts = reports.compactMap { Self.doubt($0.run.id, $0.status, $0.reasons) }
        isOversubscribed = reports.contains { PointFigures($0).isOversubscribed }
    }

    init(_ name: String, _ rows: [SweepRow]) {
        self.name = name
        isSweep = true
        let records = rows.map(\.record)
        runs = records.map(\.name.description)
        clocks = Self.unique(records.map(\.clock))
        seeds = Set(records.map(\.seed)).sorted()
        hosts = []
        versions = []
        doubts = records.compactMap { Self.doubt("\($0.name)", $0.status, $0.reasons) }
        isOversubscribed = records.contains { $0.figures.isOversubscribed }
    }

    private static func doubt(_ run: String, _ status: RunStatus, _ reasons: [String]) -> String? {
        status == .valid ? nil : "\(run) is \(status.rawValue.uppercased()): \(reasons.joined(separator: "; "))"
    }

    private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
        var known: Set<Value> = []
        return values.filter { known.insert($0).inserted }
    }
}
