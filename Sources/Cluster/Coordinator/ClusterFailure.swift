/// The reason for which a run cannot go on: the worker, what happened, and what to do.
public struct ClusterFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The worker that failed, named for a person, or nil when no single one did.
    public var worker: String?
    /// What happened.
    public var what: String
    /// What to do.
    public var advice: String

    /// A failure in three parts.
    public init(worker: String?, what: String, advice: String) {
        self.worker = worker
        self.what = what
        self.advice = advice
    }

    /// One line.
    public var description: String {
        "\(worker.map { "\($0) " } ?? "")\(what); \(advice)"
    }
}
