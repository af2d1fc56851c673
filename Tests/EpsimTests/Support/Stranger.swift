import Basics
import Cluster
import Foundation
import Synchronization
import Transport

/// Somebody who found the coordinator's socket and sends what does not belong there, until told to stop.
final class Stranger: Sendable {
    private let isStopped = Atomic<Bool>(false)
    private let messages = Atomic<Int>(0)

    /// Sends each of `parcels` in turn, over and over, with a pause between two.
    init(endpoint: String, pauseMilliseconds: Int, parcels: [FakeWorker.Reply]) throws {
        let address = try Endpoint(endpoint)
        Thread.detachNewThread { [self] in
            do {
                try send(parcels, to: address, pauseMilliseconds)
            } catch {
                FileHandle.standardError.write(Data("a stranger gave up: \(error)\n".utf8))
            }
        }
    }

    /// Messages that went out so far.
    var sent: Int { messages.load(ordering: .relaxed) }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// Everything that is no message: nothing, noise, damaged headers and payloads, headers that promise more than there
    /// is, and messages that only a member may send.
    static func garbage() throws -> [FakeWorker.Reply] {
        let noise = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 131) }
        var lying = Envelope(kind: .result, rows: .max).encoded()
        lying[40] = 0xFF
        var damaged = FakeWorker.Reply(Envelope(kind: .hello), payload: try FakeWorker.hello(rank: 0))
        damaged.payload?[0] ^= 1
        let promised = Envelope(kind: .hello, payloadBytes: .max)
        var parcels = [
            FakeWorker.Reply(head: []), FakeWorker.Reply(head: noise), FakeWorker.Reply(head: noise, payload: noise),
            FakeWorker.Reply(head: lying), FakeWorker.Reply(head: promised.encoded()), damaged,
            FakeWorker.Reply(Envelope(kind: .hello), payload: noise),
            FakeWorker.Reply(Envelope(kind: .hello), payload: try FakeWorker.hello(rank: 999)),
            FakeWorker.Reply(Envelope(kind: .hello), payload: try FakeWorker.hello(rank: -1)),
        ]
        parcels += MessageKind.allCases.filter { $0 != .hello }.map { FakeWorker.Reply(Envelope(kind: $0)) }
        return parcels
    }

    private func send(_ parcels: [FakeWorker.Reply], to address: Endpoint, _ pause: Int) throws {
        let socket = try DealerSocket(context: MessageContext(), endpoint: address, keys: nil)
        let deadline = ContinuousClock.now + .seconds(30)
        while !isStopped.load(ordering: .relaxed), ContinuousClock.now < deadline {
            for parcel in parcels {
                let outcome = try socket.send(head: parcel.head, payload: parcel.payload.map { .bytes($0) })
                if outcome == .sent { messages.add(1, ordering: .relaxed) }
                if outcome != .sent || pause > 0 { Thread.sleep(forTimeInterval: Double(max(pause, 1)) / 1000) }
            }
        }
    }
}
