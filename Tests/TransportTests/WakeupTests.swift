import Foundation
import Testing

@testable import Transport

@Suite("Waiting", .timeLimit(.minutes(1)))
struct WakeupTests {
    /// Far longer than anything here takes: a wait that lasts as long was not ended by what should end it.
    private static let long = 30_000

    private let link: Link
    private let wakeup: Wakeup

    init() throws {
        link = try Link(.ipc)
        wakeup = try Wakeup()
    }

    @Test func aWaitEndsWithItsTime() throws {
        #expect(try milliseconds { try Poller.wait(link.router.socket, wakeup, milliseconds: 30) } >= 29)
        #expect(try milliseconds { try Poller.wait(link.router.socket, nil, milliseconds: 30) } >= 29)
        try Poller.wait(link.router.socket, nil, milliseconds: 0)
    }

    @Test func aMessageEndsAWait() throws {
        try link.dealer.sendInTime([1])
        #expect(try !lastsLong())
        #expect(try link.router.receive()?.head == [1])
    }

    @Test func aSignalEndsTheNextWaitAndNoOther() throws {
        wakeup.signal()
        #expect(try !lastsLong())
        #expect(try milliseconds { try Poller.wait(link.router.socket, wakeup, milliseconds: 30) } >= 29)
    }

    @Test func aSignalFromAnotherThreadEndsAWait() throws {
        let signaller = wakeup
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.02)
            signaller.signal()
        }
        #expect(try !lastsLong())
    }

    /// A pipe holds 65,536 bytes; more signals than that neither block nor outlast one wait.
    @Test func anyNumberOfSignalsIsOne() throws {
        for _ in 0..<70_000 { wakeup.signal() }
        #expect(try !lastsLong())
        #expect(try milliseconds { try Poller.wait(link.router.socket, wakeup, milliseconds: 30) } >= 29)
    }

    private func lastsLong() throws -> Bool {
        try milliseconds { try Poller.wait(link.router.socket, wakeup, milliseconds: Self.long) } >= Self.long
    }

    private func milliseconds(_ body: () throws -> Void) rethrows -> Int {
        let clock = ContinuousClock()
        return try Int(clock.measure(body) / .milliseconds(1))
    }
}
