internal import Synchronization

/// The state of a run where several threads can get at it: one tells, others look.
public final class LiveBoard: Sendable {
    private let state: Mutex<LiveState>
    private let start = ContinuousClock.now

    /// A board for a run that begins now.
    public init(_ state: LiveState) {
        self.state = Mutex(state)
    }

    /// Seconds since the board was made.
    public var time: Double {
        let passed = (ContinuousClock.now - start).components
        return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }

    /// Tells what has happened, and when.
    public func update(_ change: (inout LiveState, _ time: Double) -> Void) {
        let time = time
        state.withLock { change(&$0, time) }
    }

    /// The state as it is.
    public var current: LiveState { state.withLock { $0 } }

    /// A summary of the state as it is, made without holding up whoever tells.
    public var summary: LiveSummary { LiveSummary(current, at: time) }
}
