import Testing

@testable import Transport

@Suite("Peers that are not there", .timeLimit(.minutes(1)))
struct UnreachableTests {
    @Test(arguments: Carrier.allCases)
    func anUnknownPeerIsUnreachable(carrier: Carrier) throws {
        let link = try Link(carrier)
        #expect(try link.router.send(to: [9, 9], head: [1], payload: .bytes([2])) == .unreachable)
        #expect(try link.router.send(to: [], head: [1], payload: nil) == .unreachable)
        #expect(try link.router.send(to: link.peer, head: [1], payload: nil) == .sent)
    }

    @Test(arguments: Carrier.allCases)
    func aPeerThatLeftBecomesUnreachable(carrier: Carrier) throws {
        let (context, router, peer) = try leftBehind(carrier)
        let isNoticed = try eventually {
            try Poller.wait(router.socket, nil, milliseconds: 1)
            return try router.send(to: peer, head: [1], payload: nil) == .unreachable
        }
        #expect(isNoticed)
        let next = try DealerSocket(context: context, endpoint: router.endpoint, keys: nil)
        try next.sendInTime(Link.greeting)
        #expect(try router.next().sender != peer)
    }

    @Test func aWorkerMayDialBeforeItsCoordinatorListens() throws {
        let context = try MessageContext()
        let endpoint = try Carrier.ipc.endpoint()
        let dealer = try DealerSocket(context: context, endpoint: endpoint, keys: nil)
        #expect(try dealer.send(head: [1], payload: nil) == .full)
        let router = try RouterSocket(context: context, endpoint: endpoint, keys: nil, messageLimit: -1)
        try dealer.sendInTime([2])
        #expect(try router.next().head == [2])
    }

    @Test func withoutACoordinatorNothingIsSent() throws {
        let context = try MessageContext()
        let dealer = try DealerSocket(context: context, endpoint: Carrier.ipc.endpoint(), keys: nil)
        #expect(try dealer.send(head: [1], payload: nil) == .full)
        #expect(try dealer.receive() == nil)
    }

    private func leftBehind(_ carrier: Carrier) throws -> (MessageContext, RouterSocket, [UInt8]) {
        let link = try Link(carrier)
        return (link.context, link.router, link.peer)
    }
}
