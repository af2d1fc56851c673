internal import Dispatch
internal import Foundation
internal import Synchronization

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

    /// Take SIGTERM, SIGHUP and, if wanted, SIGINT over for the rest of the process. A third signal ends it at once. A
    /// SIGHUP that is ignored already, as by nohup, stays so.
    public func watch(includingInterrupt: Bool = true) -> InterruptSources {
        let isHeld = signal(SIGHUP, SIG_IGN).map { unsafe unsafeBitCast($0, to: Int.self) == 1 } ?? false
        let numbers = [SIGTERM] + (includingInterrupt ? [SIGINT] : []) + (isHeld ? [] : [SIGHUP])
        let sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                if count.add(1, ordering: .relaxed).newValue >= 3 { _exit(130) }
            }
            source.resume()
            return source
        }
        return InterruptSources(sources: sources)
    }
}

/// The signal sources that keep an ``Interrupt`` watching.
public final class InterruptSources {
    private let sources: [any DispatchSourceSignal]

    init(sources: [any DispatchSourceSignal]) {
        self.sources = sources
    }
}
