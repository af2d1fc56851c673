import Basics
import Cluster
import Configuration
import Foundation
import Runtime
import Synchronization
import Tensors
import Transport

@testable import Runtime

/// A worker that keeps what it is sent until nothing more comes, and then returns zeros for all of it, or nearly.
final class HoldingWorker: Sendable {
    /// What it held at most, in bytes: what was sent and the results that are due.
    let mostHeld = Mutex(0)
    /// Batches that it returned.
    let batches = Mutex(0)

    /// The bit of each result that is flipped on the way, if one is.
    private let flippedBit: Int?

    init(flippedBit: Int? = nil) {
        self.flippedBit = flippedBit
    }

    /// What comes of a run whose only worker this is.
    func outcome(of configuration: RunPlan) async throws -> SessionOutcome {
        try await InProcessRun.onThread { [self] in
            let session = try Session(
                plan: configuration,
                options: SessionOptions(),
                interrupt: Interrupt(),
                log: InProcessRun.silent
            )
            let endpoint = try freshEndpoint()
            let listener = try session.listen(endpoint, keys: nil)
            // It ends with its connection, whatever it then says.
            Thread.detachNewThread { try? self.run(endpoint) }
            return session.run(listener, workers: nil, progress: { _ in })
        }
    }

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
                    let head = header.head(over: .buffer(zeros))
                    if let flippedBit { zeros.flip(bit: flippedBit) }
                    _ = try socket.send(head: head, payload: .buffer(zeros))
                }
                batches.withLock { $0 += held.count }
                held = []
            }
            for directive in directives {
                switch directive {
                case .send(let message):
                    let control: OutgoingFrame? = message.control.isEmpty ? nil : .bytes(message.control)
                    _ = try socket.send(head: message.envelope.head(over: control), payload: control)
                case .load:
                    for case .send(let ready) in machine.loaded(Self.ready, now: MonotonicClock.now()) {
                        let control = OutgoingFrame.bytes(ready.control)
                        _ = try socket.send(head: ready.envelope.head(over: control), payload: control)
                    }
                case .prepare, .adopt, .drop: break
                case .redial, .exit:
                    try socket.socket.setLinger(milliseconds: 500)
                    return
                }
            }
        }
    }

    private static let ready = Ready(weightBytes: 0, kernels: [], reused: false)
}

extension AlignedBuffer {
    /// Flips one bit, counted from the lowest of the first byte.
    func flip(bit: Int) {
        unsafe withUnsafeMutableBytes { unsafe $0[bit / 8] ^= 1 << UInt8(bit % 8) }
    }
}
