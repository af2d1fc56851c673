import Foundation
import Synchronization

/// Stands between coordinator and workers on 127.0.0.1, passes bytes on and counts them.
final class CountingProxy: Sendable {
    /// Where workers dial.
    let port: UInt16
    private let listener: Int32
    private let target: UInt16
    private let isStopped = Atomic<Bool>(false)
    private let down = Atomic<Int>(0)
    private let up = Atomic<Int>(0)

    /// Listens, and passes connections on to `target`, which may begin to listen later.
    init(target: UInt16) throws {
        (listener, port) = try Loopback.listener()
        self.target = target
        Thread.detachNewThread { [self] in accept() }
    }

    deinit {
        close(listener)
    }

    /// Bytes from the coordinator to its workers.
    var bytesToWorkers: Int { down.load(ordering: .relaxed) }

    /// Bytes from the workers to their coordinator.
    var bytesToCoordinator: Int { up.load(ordering: .relaxed) }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    private func accept() {
        while isWaiting(listener) {
            let worker = Foundation.accept(listener, nil, nil)
            guard worker >= 0 else { continue }
            guard let coordinator = try? Loopback.connect(port: target) else {
                // The worker dials again.
                close(worker)
                continue
            }
            Thread.detachNewThread { [self] in
                pass(from: coordinator, to: worker) { down.add($0, ordering: .relaxed) }
            }
            Thread.detachNewThread { [self] in
                pass(from: worker, to: coordinator) { up.add($0, ordering: .relaxed) }
            }
        }
    }

    /// Passes bytes on until either end closes.
    private func pass(from source: Int32, to sink: Int32, count: (Int) -> Void) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while isWaiting(source) {
            let received = unsafe recv(source, &bytes, bytes.count, 0)
            guard received > 0 else { break }
            count(received)
            var passed = 0
            while passed < received {
                let sent = unsafe send(sink, Array(bytes[passed..<received]), received - passed, Int32(MSG_NOSIGNAL))
                guard sent > 0 else { return }
                passed += sent
            }
        }
        shutdown(sink, Int32(SHUT_WR))
    }

    /// Waits until there is something to read; false when the proxy is stopped.
    private func isWaiting(_ descriptor: Int32) -> Bool {
        while !isStopped.load(ordering: .relaxed) {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if unsafe Foundation.poll(&poll, 1, 50) > 0 { return true }
        }
        return false
    }
}
