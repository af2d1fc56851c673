import Tensors
import TestSupport
import Testing

@testable import Transport

@Suite("Round trips", .timeLimit(.minutes(1)))
struct RoundTripTests {
    @Test(arguments: Carrier.allCases)
    func aMessageOfOneFrame(carrier: Carrier) throws {
        let link = try Link(carrier)
        #expect(try link.router.send(to: link.peer, head: [1, 2, 3], payload: nil) == .sent)
        let parcel = try link.dealer.next()
        #expect(parcel.head == [1, 2, 3])
        #expect(parcel.payload == nil)
        #expect(parcel.frames == 1)
        #expect(parcel.byteCount == 3)
        #expect(parcel.sender.isEmpty)
        #expect(try link.dealer.receive() == nil)
    }

    /// Sizes on both sides of the one from which buffers are handed over instead of copied.
    @Test(arguments: Carrier.allCases, [0, 1, 64, 65_536, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, 3 << 20])
    func aMessageOfTwoFrames(carrier: Carrier, size: Int) throws {
        let link = try Link(carrier)
        let buffer = AlignedBuffer.patterned(size)
        let head = [UInt8](repeating: 7, count: 88)
        try link.dealer.sendInTime(head, .buffer(buffer))
        let there = try link.router.next()
        #expect(there.sender == link.peer)
        try expect(there, holds: head, buffer.bytes)
        #expect(try link.router.send(to: there.sender, head: head, payload: .buffer(buffer)) == .sent)
        try expect(try link.dealer.next(), holds: head, buffer.bytes)
        #expect(try link.router.send(to: there.sender, head: head, payload: .bytes(buffer.bytes)) == .sent)
        try expect(try link.dealer.next(), holds: head, buffer.bytes)
    }

    @Test(arguments: Carrier.allCases)
    func messagesOfOnePeerKeepTheirOrder(carrier: Carrier) throws {
        let link = try Link(carrier)
        for number in 0..<300 {
            let payload = number % 3 == 0 ? OutgoingFrame.buffer(.patterned(number * 1000)) : nil
            try link.dealer.sendInTime([UInt8(number % 256)], payload)
        }
        for number in 0..<300 {
            let parcel = try link.router.next()
            #expect(parcel.head == [UInt8(number % 256)])
            #expect(parcel.byteCount == 1 + (number % 3 == 0 ? number * 1000 : 0))
        }
    }

    @Test(arguments: Carrier.allCases)
    func peersAreToldApart(carrier: Carrier) throws {
        let link = try Link(carrier)
        let other = try DealerSocket(context: link.context, endpoint: link.router.endpoint, keys: nil)
        try other.sendInTime(Link.greeting)
        let second = try link.router.next().sender
        #expect(second != link.peer)
        #expect(try link.router.send(to: second, head: [2], payload: nil) == .sent)
        #expect(try link.router.send(to: link.peer, head: [1], payload: nil) == .sent)
        #expect(try link.dealer.next().head == [1])
        #expect(try other.next().head == [2])
    }

    /// Buffers are kept while libzmq reads them and no longer.
    @Test(arguments: Carrier.allCases, [100, 1 << 20])
    func aBufferIsLetGoWhenItIsOut(carrier: Carrier, size: Int) throws {
        let link = try Link(carrier)
        weak var watched: AlignedBuffer?
        do {
            let buffer = AlignedBuffer.patterned(size)
            watched = buffer
            try link.dealer.sendInTime([1], .buffer(buffer))
        }
        #expect(try link.router.next().byteCount == size + 1)
        #expect(eventually { watched == nil })
    }

    /// The router takes nothing for a peer that it does not know, nor keeps it.
    @Test func aBufferForNobodyIsLetGo() throws {
        let link = try Link(.ipc)
        weak var watched: AlignedBuffer?
        do {
            let buffer = AlignedBuffer.patterned(1 << 20)
            watched = buffer
            #expect(try link.router.send(to: [1, 2, 3], head: [1], payload: .buffer(buffer)) == .unreachable)
        }
        #expect(watched == nil)
    }

    @Test func aBufferInAClosedSocketIsLetGo() throws {
        weak var watched: AlignedBuffer?
        do {
            let link = try Link(.tcp)
            let buffer = AlignedBuffer.patterned(32 << 20)
            watched = buffer
            try link.dealer.sendInTime([1], .buffer(buffer))
        }
        #expect(eventually { watched == nil })
    }

    private func expect(
        _ parcel: Parcel,
        holds head: [UInt8],
        _ bytes: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let payload = try #require(parcel.payload, sourceLocation: sourceLocation)
        // Not in an expectation, which would print megabytes.
        let isEqual = payload.prefix(.max) == bytes
        #expect(parcel.head == head && isEqual, sourceLocation: sourceLocation)
        #expect(payload.byteCount == bytes.count, sourceLocation: sourceLocation)
        #expect(parcel.frames == 2, sourceLocation: sourceLocation)
        #expect(parcel.byteCount == head.count + bytes.count, sourceLocation: sourceLocation)
    }
}
