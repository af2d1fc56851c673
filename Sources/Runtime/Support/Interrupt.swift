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

    /// Take SIGTERM, SIGHUP and, if wanted, SIGINT over until the returned watch is gone. A third signal ends the
    /// process at once. A SIGHUP that is ignored already, as by nohup, stays so.
    ///
    /// Block this thread, which must be none of Swift's concurrency pool, until the signals are taken over.
    public func watch(includingInterrupt: Bool = true) -> InterruptWatch {
        let isHeld = signal(SIGHUP, SIG_IGN).map { unsafe unsafeBitCast($0, to: Int.self) == 1 } ?? false
        let signals: [UnixSignal] =
            [.sigterm] + (includingInterrupt ? [.sigint] : []) + (isHeld ? [] : [.sighup])
        let isTrapping = DispatchSemaphore(value: 0)
        let task = Task.detached(priority: .high) { [self] in
            let arrivals = await UnixSignalsSequence(trapping: signals)
            isTrapping.signal()
            for await _ in arrivals where count.add(1, ordering: .relaxed).newValue >= 3 { _exit(130) }
        }
        isTrapping.wait()
        return InterruptWatch(task)
    }
}

/// The hold on the signals of an ``Interrupt``: they are let go with it.
public final class InterruptWatch: Sendable {
    private let task: Task<Void, Never>

    init(_ task: Task<Void, Never>) {
        self.task = task
    }

    deinit {
        task.cancel()
    }
}
