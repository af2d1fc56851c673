import Cluster
import Runtime
import Synchronization
import Tensors
import Transport

@testable import Runtime

/// A worker that keeps what it is sent until nothing more comes, and then returns zeros for all of it.
final class HoldingWorker: Sendable {
    /// What it held at most, in bytes: what was sent and the results that are due.
    let mostHeld = Mutex(0)
    /// Batches that it returned.
    let batches = Mutex(0)

    /// Serves one run.
    func run(_ endpoint: Endpoint) throws {
        let socket = try DealerSocket(context: MessageContext(), endpoint: endpoint, keys: nil)
        let hello = Hello(
            pid: 1,
            host: "holding",
            bootID: Host.bootID,
            processor: "a processor",
            rank: 0,
            heldWeightBytes: 0,
            residentBytes: 0,
            version: EpsimVersion.current
        )
        var machine = WorkerProtocol(hello: hello, stays: false, now: MonotonicClock.now())
        var held: [(Envelope, BatchLayout)] = []
        while true {
            try Poller.wait(socket.socket, nil, milliseconds: 20)
            var directives = machine.tick(now: MonotonicClock.now())
            switch try socket.receive().map({ try $0.arrival() }) {
            case .control(let message):
                directives += machine.received(message, now: MonotonicClock.now())
            case .rows(let header, let rows):
                let table = rows.prefix(Int(header.segments) * 8)
                switch machine.received(rows: header, table: table, now: MonotonicClock.now()) {
                case .compute(let envelope, let layout):
                    held.append((envelope, layout))
                    let bytes = held.reduce(0) { $0 + $1.1.byteCount + $1.1.replyByteCount }
                    mostHeld.withLock { $0 = max($0, bytes) }
                case .others(let others): directives += others
                }
            case nil:
                for (envelope, layout) in held {
                    let stamps = WorkerStamps(received: 0, started: 0, finished: 0, returned: 0)
                    guard let header = machine.computed(envelope, layout: layout, stamps: stamps) else { continue }
                    let zeros = AlignedBuffer(byteCount: Int(header.payloadBytes))
                    _ = try socket.send(head: header.encoded(), payload: .buffer(zeros))
                }
                batches.withLock { $0 += held.count }
                held = []
            }
            for directive in directives {
                switch directive {
                case .send(let message):
                    _ = try socket.send(
                        head: message.envelope.encoded(),
                        payload: message.control.isEmpty ? nil : .bytes(message.control)
                    )
                case .load:
                    for case .send(let ready) in machine.loaded(Self.ready, now: MonotonicClock.now()) {
                        _ = try socket.send(head: ready.envelope.encoded(), payload: .bytes(ready.control))
                    }
                case .redial, .exit:
                    try socket.socket.setLinger(milliseconds: 500)
                    return
                }
            }
        }
    }

    private static let ready = Ready(weightBytes: 0, kernels: [], reused: false)
}
