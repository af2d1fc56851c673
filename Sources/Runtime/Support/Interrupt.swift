internal import Dispatch
internal import Foundation
internal import Synchronization
internal import UnixSignals

/// The watch for SIGINT, SIGTERM and SIGHUP, by which a run can end in order.
public final class Interrupt: Sendable {
    private let count = Atomic<Int>(0)

    /// An interrupt that notices no signals until ``watch(includingInterrupt:)``.
    public init() {}

    /// True once a signal has arrived.
    public var isRaised: Bool { count.load(ordering: .relaxed) > 0 }

    /// Raise the interrupt as a signal would.
    public func raise() {
        count.add(1, ordering: .relaxed)
    }

    /// Take SIGTERM, SIGHUP and, if wanted, SIGINT over for the rest of the process. A third signal ends the process at
    /// once. A SIGHUP that is ignored already, as by nohup, stays so.
    ///
    /// Block this thread until the signals are taken over. They are counted on a thread of Swift's concurrency pool, so
    /// nothing may block that pool for long, and this thread must be none of its own.
    public func watch(includingInterrupt: Bool = true) {
        let isHeld = signal(SIGHUP, SIG_IGN).map { unsafe unsafeBitCast($0, to: Int.self) == 1 } ?? false
        let signals: [UnixSignal] =
            [.sigterm] + (includingInterrupt ? [.sigint] : []) + (isHeld ? [] : [.sighup])
        let isTrapping = DispatchSemaphore(value: 0)
        Task.detached(priority: .high) { [self] in
            let arrivals = await UnixSignalsSequence(trapping: signals)
            isTrapping.signal()
            for await _ in arrivals where count.add(1, ordering: .relaxed).newValue >= 3 { _exit(130) }
        }
        isTrapping.wait()
    }
}
