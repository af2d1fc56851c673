import Basics
import Cluster
import Foundation
import Synchronization
import Transport

/// A worker that joins as it should and then does what a test tells it: what it says in answer to each message.
final class FakeWorker: Sendable {
    /// A message to the coordinator.
    struct Reply {
        var head: [UInt8]
        var payload: [UInt8]?
        /// Closes the connection as soon as this is said.
        var hangsUp = false

        init(head: [UInt8], payload: [UInt8]? = nil) {
            self.head = head
            self.payload = payload
        }

        init(_ envelope: Envelope, payload: [UInt8]? = nil) {
            var envelope = envelope
            envelope.payloadBytes = UInt64(payload?.count ?? 0)
            envelope.payloadChecksum = Checksum.of((payload ?? [])[...])
            self.init(head: envelope.encoded(), payload: payload)
        }
    }

    typealias Script = @Sendable (Envelope) throws -> [Reply]

    /// The id that it claims to have; no process of Linux has one above 4,194,304.
    static let pid: Int32 = 7_000_001

    private let isStopped = Atomic<Bool>(false)

    /// Starts to dial.
    ///
    /// - Parameters:
    ///   - endpoint: where the coordinator listens, or will.
    ///   - hello: what it says of itself until somebody answers.
    ///   - script: what it answers to each message.
    init(endpoint: String, rank: Int = 0, hello: [UInt8]? = nil, script: @escaping Script) throws {
        let address = try Endpoint(endpoint)
        let hello = try hello ?? Self.hello(rank: rank)
        Thread.detachNewThread { [self] in
            do {
                try work(address, hello, script)
            } catch {
                FileHandle.standardError.write(Data("a fake worker gave up: \(error)\n".utf8))
            }
        }
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// The control payload of an honest hello from a machine of another kernel.
    static func hello(rank: Int?) throws -> [UInt8] {
        try ControlCoding.encode(
            Hello(
                pid: pid,
                host: "elsewhere",
                bootID: "another",
                processor: "a processor",
                rank: rank,
                heldWeightBytes: 0,
                residentBytes: 0,
                version: "0"
            )
        )
    }

    private func work(_ address: Endpoint, _ hello: [UInt8], _ script: Script) throws {
        let socket = try DealerSocket(context: MessageContext(), endpoint: address, keys: nil)
        let deadline = ContinuousClock.now + .seconds(60)
        var isKnown = false
        while !isStopped.load(ordering: .relaxed), ContinuousClock.now < deadline {
            if !isKnown { try send([Reply(Envelope(kind: .hello), payload: hello)], over: socket) }
            try Poller.wait(socket.socket, nil, milliseconds: 20)
            while let parcel = try socket.receive() {
                isKnown = true
                let replies = try script(Envelope(decoding: parcel.head))
                try send(replies, over: socket)
                if replies.contains(where: \.hangsUp) { return }
            }
        }
    }

    private func send(_ replies: [Reply], over socket: DealerSocket) throws {
        for reply in replies { _ = try socket.send(head: reply.head, payload: reply.payload.map { .bytes($0) }) }
    }
}

/// What an honest worker answers; its experts all return zeros.
enum HonestAnswers {
    static func all(_ envelope: Envelope) throws -> [FakeWorker.Reply] {
        switch envelope.kind {
        case .assign: [try ready(envelope)]
        case .ping: [pong(envelope)]
        case .dispatch: [result(envelope)]
        case .release: [FakeWorker.Reply(answer(envelope, .bye))]
        default: []
        }
    }

    /// Says why it cannot go on, and closes the connection.
    static func lastWords(_ envelope: Envelope, _ reason: String) throws -> FakeWorker.Reply {
        var reply = FakeWorker.Reply(
            answer(envelope, .failed),
            payload: try ControlCoding.encode(Notice(reason: reason))
        )
        reply.hangsUp = true
        return reply
    }

    static func ready(_ envelope: Envelope) throws -> FakeWorker.Reply {
        let ready = Ready(weightBytes: 0, kernels: ["none"], reused: false)
        return FakeWorker.Reply(answer(envelope, .ready), payload: try ControlCoding.encode(ready))
    }

    static func pong(_ envelope: Envelope) -> FakeWorker.Reply {
        var pong = answer(envelope, .pong)
        pong.stamps = SIMD4(envelope.stamps.x, now, now, 0)
        return FakeWorker.Reply(pong)
    }

    /// - Parameter hidden: width of a token in singles.
    static func result(_ envelope: Envelope, hidden: Int = 32, byte: UInt8 = 0) -> FakeWorker.Reply {
        var result = answer(envelope, .result)
        result.segments = 0
        result.stamps = SIMD4(now, now, now, now)
        return FakeWorker.Reply(result, payload: [UInt8](repeating: byte, count: Int(envelope.rows) * hidden * 4))
    }

    /// The header of an answer, of the same run and batch.
    static func answer(_ envelope: Envelope, _ kind: MessageKind) -> Envelope {
        var answer = envelope
        answer.kind = kind
        return answer
    }

    private static var now: Int64 { Int64(DispatchTime.now().uptimeNanoseconds) }
}
