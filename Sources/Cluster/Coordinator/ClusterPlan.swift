/// A coordinator's demands on its workers: assignments and deadlines.
public struct ClusterPlan: Sendable {
    /// How long to wait for what.
    public struct Deadlines: Equatable, Sendable {
        /// From the start until every worker is ready.
        public var start: Nanoseconds
        /// Between two pings to a worker.
        public var heartbeat: Nanoseconds
        /// From the dispatch of a layer until its last result.
        public var layer: Nanoseconds

        /// Three waits.
        public init(start: Nanoseconds, heartbeat: Nanoseconds, layer: Nanoseconds) {
            self.start = start
            self.heartbeat = heartbeat
            self.layer = layer
        }
    }

    /// Heartbeats without an answer after which a worker is lost.
    public static let liveness: Int64 = 4

    /// Identity of the run.
    public var epoch: UInt32
    /// One assignment per rank.
    public var assignments: [Assignment]
    /// How long to wait for what.
    public var deadlines: Deadlines
    /// Whether the coordinator itself computes the common experts.
    public var hasOwnExperts: Bool
    /// Kernel identity of the coordinator's host; workers with the same one share its clock.
    public var bootID: String

    /// A plan for `assignments.count` workers.
    public init(epoch: UInt32, assignments: [Assignment], deadlines: Deadlines, hasOwnExperts: Bool, bootID: String) {
        self.epoch = epoch
        self.assignments = assignments
        self.deadlines = deadlines
        self.hasOwnExperts = hasOwnExperts
        self.bootID = bootID
    }
}
