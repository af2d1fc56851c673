internal import Dispatch

/// Calls something when its time has come, and again until it is cancelled: an interrupt that comes too early for one
/// statement must not be lost for the next.
struct Deadline {
    private let end: ContinuousClock.Instant
    private let timer: any DispatchSourceTimer

    init(seconds: Double, _ action: @escaping @Sendable () -> Void) {
        end = .now + .seconds(seconds)
        timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + seconds, repeating: .milliseconds(100))
        timer.setEventHandler(handler: action)
        timer.resume()
    }

    /// True from the time on.
    var hasPassed: Bool { ContinuousClock.now >= end }

    /// Calls no more.
    func cancel() { timer.cancel() }
}
