/// A row of a timeline: a thread of a process in the Chrome trace-event form.
struct TimelineThread: Hashable {
    /// What its slices are.
    enum Kind: Int {
        /// Step, layer and phase.
        case phases = 1
        /// What the coordinator's own thread does with tokens.
        case work
        /// Tokens on their way to a rank.
        case send
        /// Experts at work.
        case compute
        /// Outputs on their way back.
        case receive
    }

    /// Rows of one kind stand together. No more than eight chunks of a rank are on their way at a time, four of each
    /// micro-batch.
    private static let lanesPerKind = 100
    /// Numbers of processes end in that of the rank, so that a viewer that shows them says nothing new; none is that of a
    /// thread, which viewers would take for the main one.
    private static let processOfRankZero = 1000

    /// The process: see ``process(ofRank:)``.
    let process: Int
    let kind: Kind
    /// From 0; further lanes hold what overlaps.
    var lane = 0

    /// The process of the coordinator.
    static let coordinator = processOfRankZero - 1

    /// The process of a rank.
    static func process(ofRank rank: Int) -> Int { processOfRankZero + rank }

    /// The number of the thread, which also orders the rows of a process.
    var number: Int { kind.rawValue * Self.lanesPerKind + lane }

    /// What a viewer shows beside the row, for example `send 2`.
    var name: String {
        let name: String =
            switch kind {
            case .phases: "phases"
            case .work: "work"
            case .send: "send"
            case .compute: process == Self.coordinator ? "experts" : "compute"
            case .receive: "receive"
            }
        return lane == 0 ? name : "\(name) \(lane + 1)"
    }
}
