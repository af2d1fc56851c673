import Testing

@testable import Transport

@Suite("Limit of a frame", .timeLimit(.minutes(1)))
struct MessageLimitTests {
    @Test(arguments: Carrier.allCases)
    func aFrameAtTheLimitArrives(carrier: Carrier) throws {
        let link = try Link(carrier, messageLimit: 10_000)
        try link.dealer.sendInTime([1], .bytes([UInt8](repeating: 1, count: 10_000)))
        #expect(try link.router.next().byteCount == 10_001)
    }

    /// libzmq hangs up on who sends more; others do not suffer.
    @Test(arguments: Carrier.allCases)
    func aFrameBeyondTheLimitNeverDoes(carrier: Carrier) throws {
        let link = try Link(carrier, messageLimit: 10_000)
        let other = try DealerSocket(context: link.context, endpoint: link.router.endpoint, keys: nil)
        try other.sendInTime([7])
        #expect(try link.router.next().head == [7])
        try link.dealer.sendInTime([1], .bytes([UInt8](repeating: 1, count: 10_001)))
        let isCutOff = try eventually {
            try Poller.wait(link.router.socket, nil, milliseconds: 1)
            #expect(try link.router.receive() == nil)
            return try link.router.send(to: link.peer, head: [1], payload: nil) == .unreachable
        }
        #expect(isCutOff)
        try other.sendInTime([8])
        #expect(try link.router.next().head == [8])
    }
}
