import Testing

@testable import Transport

/// A peer may send any number of frames of any size; what is kept of them is bounded.
@Suite("Frames of a parcel", .timeLimit(.minutes(1)))
struct FrameTests {
    @Test(arguments: Carrier.allCases, [1, 2, 3, 100])
    func atMostTwoFramesAreKept(carrier: Carrier, count: Int) throws {
        let link = try Link(carrier)
        try link.dealer.send(frames: (0..<count).map { [UInt8](repeating: UInt8($0), count: $0 + 1) })
        let parcel = try link.router.next()
        #expect(parcel.sender == link.peer)
        #expect(parcel.head == [0])
        #expect(parcel.payload?.prefix(10) == (count > 1 ? [1, 1] : nil))
        #expect(parcel.frames == count)
        #expect(parcel.byteCount == count * (count + 1) / 2)
        try expectWhole(link)
    }

    @Test(arguments: Carrier.allCases)
    func emptyFramesAreFrames(carrier: Carrier) throws {
        let link = try Link(carrier)
        try link.dealer.send(frames: [[]])
        let one = try link.router.next()
        #expect(one.head.isEmpty && one.payload == nil && one.frames == 1 && one.byteCount == 0)
        try link.dealer.send(frames: [[], []])
        let two = try link.router.next()
        #expect(two.head.isEmpty && two.payload?.byteCount == 0 && two.frames == 2 && two.byteCount == 0)
        try link.dealer.send(frames: [[], [], []])
        #expect(try link.router.next().frames == 3)
        try expectWhole(link)
    }

    @Test func ofALongHeadOnlyTheBeginningIsRead() throws {
        let link = try Link(.ipc)
        try link.dealer.send(frames: [[UInt8](repeating: 5, count: 100_000), [1]])
        let parcel = try link.router.next()
        #expect(parcel.head == [UInt8](repeating: 5, count: 1024))
        #expect(parcel.byteCount == 100_001)
    }

    @Test func theWorkersSideIsBoundedToo() throws {
        let link = try Link(.ipc)
        let frames = [link.peer, [1], [2], [3]]
        for (index, frame) in frames.enumerated() {
            #expect(try link.router.socket.send(.bytes(frame), more: index < frames.count - 1) == .sent)
        }
        let parcel = try link.dealer.next()
        #expect(parcel.head == [1] && parcel.payload?.prefix(9) == [2] && parcel.frames == 3)
    }

    /// The next message is read as if nothing had been.
    private func expectWhole(_ link: Link) throws {
        try link.dealer.sendInTime([42], .bytes([43]))
        let next = try link.router.next()
        #expect(next.head == [42] && next.payload?.prefix(9) == [43] && next.frames == 2)
    }
}

extension DealerSocket {
    /// Sends one message of any number of frames.
    fileprivate func send(frames: [[UInt8]]) throws {
        for (index, frame) in frames.enumerated() {
            #expect(try socket.send(.bytes(frame), more: index < frames.count - 1) == .sent)
        }
    }
}
