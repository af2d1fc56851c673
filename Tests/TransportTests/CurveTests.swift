import Basics
import Testing

@testable import Transport

@Suite("Encrypted links", .timeLimit(.minutes(1)))
struct CurveTests {
    @Test(arguments: Carrier.allCases)
    func theRightKeyWorks(carrier: Carrier) throws {
        let link = try Link(carrier, keys: .generate())
        try link.dealer.sendInTime([1], .buffer(.patterned(1 << 20)))
        let parcel = try link.router.next()
        #expect(parcel.payload?.byteCount == 1 << 20)
        #expect(try link.router.send(to: link.peer, head: [2], payload: nil) == .sent)
        #expect(try link.dealer.next().head == [2])
    }

    /// With keys, a coordinator may listen at every interface.
    @Test func withKeysOtherMachinesMayCome() throws {
        let keys = try CurveKeys.generate()
        let context = try MessageContext()
        let endpoint = try Endpoint("tcp://0.0.0.0:*")
        let router = try RouterSocket(context: context, endpoint: endpoint, keys: keys, messageLimit: -1)
        let port = router.endpoint.description.split(separator: ":").last ?? ""
        let dealer = try DealerSocket(context: context, endpoint: Endpoint("tcp://127.0.0.1:\(port)"), keys: keys)
        try dealer.sendInTime([5])
        #expect(try router.next().head == [5])
    }

    /// Strangers knock while a member goes in and out; all that the coordinator hears is the member.
    @Test(arguments: Carrier.allCases, [false, true])
    func strangersNeverGetThrough(carrier: Carrier, haveAKey: Bool) throws {
        let link = try Link(carrier, keys: .generate())
        let strangers = try (0..<3).map { _ in
            let keys = haveAKey ? try CurveKeys.generate() : nil
            return try DealerSocket(context: link.context, endpoint: link.router.endpoint, keys: keys)
        }
        for number in 0..<100 as Range<UInt8> {
            for stranger in strangers { #expect(try stranger.send(head: [99], payload: nil) != .unreachable) }
            try Poller.wait(strangers[0].socket, nil, milliseconds: 2)
            try link.dealer.sendInTime([number])
            #expect(try link.router.next().head == [number])
            #expect(try link.router.send(to: link.peer, head: [number], payload: nil) == .sent)
            #expect(try link.dealer.next().head == [number])
        }
        #expect(try link.router.receive() == nil)
        for stranger in strangers { #expect(try stranger.receive() == nil) }
    }
}
