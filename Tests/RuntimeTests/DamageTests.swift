import Cluster
import Configuration
import Foundation
import Records
import Synchronization
import Testing
import Transport

@testable import Runtime

/// One bit that is flipped between two processes ends the run, whichever way the message goes.
@Suite struct DamageTests {
    /// The bits of 24 tokens of 32 singles, two copies each, are 49,152: the first, one within and the last.
    @Test(arguments: [0, 20_001, 49_151])
    func aDamagedResultEndsTheRunByTheNameOfItsWorker(bit: Int) async throws {
        let configuration = smallConfiguration { $0.cluster.workers = 1 }
        let worker = HoldingWorker(flippedBit: bit)
        let outcome = try await worker.outcome(of: configuration)
        guard case .failed(let reason) = outcome.end else {
            Issue.record("the run ended as \(outcome.end)")
            return
        }
        #expect(
            reason.contains("worker 0 (pid 1 on holding) sent a message of kind result with a payload of "),
            "\(reason)"
        )
        #expect(reason.contains(" bytes whose checksum is wrong; "), "\(reason)")
        #expect(outcome.steps.isEmpty)
    }

    /// The worker says why it gives up, and ends with the same reason.
    @Test func aWorkerGivesUpOverADamagedAssignment() async throws {
        let reason = "the coordinator sent a message of kind assign with a payload of 4 bytes whose checksum is wrong"
        let endpoint = try freshEndpoint()
        let ended = Mutex<String?>(nil)
        let told = try await InProcessRun.onThread { () -> String in
            let router = try RouterSocket(
                context: MessageContext(),
                endpoint: endpoint,
                keys: nil,
                messageLimit: 1 << 20
            )
            let options = WorkerOptions(endpoint: endpoint, keys: nil, rank: 0, stays: false, parent: nil)
            let worker = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                do {
                    try WorkerShell(options: options, interrupt: Interrupt(), log: InProcessRun.silent).run()
                } catch {
                    ended.withLock { $0 = "\(error)" }
                }
                worker.signal()
            }
            let hello = try Self.next(router)
            #expect(try hello.arrival().envelope.kind == .hello)
            let head = Envelope(kind: .assign, payloadBytes: 4).head(over: .bytes(Array("{  }".utf8)))
            _ = try router.send(to: hello.sender, head: head, payload: .bytes(Array("{ !}".utf8)))
            while true {
                guard case .control(let message) = try Self.next(router).arrival(), message.envelope.kind == .failed
                else { continue }
                #expect(worker.wait(timeout: .now() + 10) == .success)
                return try ControlCoding.decode(Notice.self, from: message.control).reason
            }
        }
        #expect(told == reason)
        #expect(ended.withLock { $0 }?.contains(reason) == true)
    }

    private static func next(_ router: RouterSocket) throws -> Parcel {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            if let parcel = try router.receive() { return parcel }
            try #require(ContinuousClock.now < deadline, "nothing arrives")
            try Poller.wait(router.socket, nil, milliseconds: 10)
        }
    }
}
