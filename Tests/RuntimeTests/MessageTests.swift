import Cluster
import Testing
import Transport

@testable import Runtime

/// From parcels to messages.
@Suite struct MessageTests {
    private let frames: FrameMaker

    init() throws {
        frames = try FrameMaker()
    }

    private func arrival(_ envelope: Envelope, _ payload: [UInt8]?) throws -> Arrival {
        let frame = payload.map { OutgoingFrame.bytes($0) }
        return try frames.parcel(head: envelope.head(over: frame), payload: frame).arrival()
    }

    private func message(_ arrival: Arrival) -> Message? {
        if case .control(let message) = arrival { message } else { nil }
    }

    @Test func controlTravelsWithItsBytes() throws {
        let envelope = Envelope(kind: .hello, payloadBytes: 3, payloadChecksum: Checksum.of([1, 2, 3]))
        #expect(message(try arrival(envelope, [1, 2, 3])) == Message(envelope: envelope, control: [1, 2, 3]))
        let empty = Envelope(kind: .ping, payloadChecksum: Checksum.of([]))
        #expect(message(try arrival(empty, nil)) == Message(envelope: empty))
    }

    @Test func rowsStayInTheirFrame() throws {
        let envelope = Envelope(kind: .result, rows: 1, payloadBytes: 4, payloadChecksum: Checksum.of([1, 2, 3, 4]))
        guard case .rows(let header, let rows) = try arrival(envelope, [1, 2, 3, 4]) else {
            Issue.record("rows that are a control message")
            return
        }
        #expect(header == envelope && rows.prefix(4) == [1, 2, 3, 4])
    }

    @Test(arguments: [MessageKind.dispatch, .result])
    func rowsWithoutAFrameAreRefused(kind: MessageKind) throws {
        #expect(throws: WireError("a message of kind \(kind) without rows")) { try arrival(Envelope(kind: kind), nil) }
    }

    @Test func lyingSizesAreRefused() throws {
        #expect(throws: WireError("2 frames, 2 bytes where 3 were announced")) {
            try arrival(Envelope(kind: .hello, payloadBytes: 3), [1, 2])
        }
        #expect(throws: WireError("1 frames, 0 bytes where 3 were announced")) {
            try arrival(Envelope(kind: .hello, payloadBytes: 3), nil)
        }
        #expect(throws: WireError("an envelope of 1 bytes; it has 120")) {
            try frames.parcel(head: [1], payload: nil).arrival()
        }
    }
    /// Who reads a message, by what it is read from.
    enum End: CaseIterable {
        case coordinator
        case worker
    }

    /// Bytes that arrive at `end` under a header that was made for `payload`.
    private func arrival(_ kind: MessageKind, _ payload: [UInt8], arrivingAs bytes: [UInt8], at end: End) throws
        -> Arrival
    {
        let envelope = Envelope(kind: kind, payloadBytes: UInt64(payload.count))
        let (head, frame) = (envelope.head(over: .bytes(payload)), OutgoingFrame.bytes(bytes))
        return switch end {
        case .coordinator: try frames.parcel(head: head, payload: frame).arrival()
        case .worker: try frames.parcelAtWorker(head: head, payload: frame).arrival()
        }
    }

    private func expectRefusal(_ kind: MessageKind, _ payload: [UInt8], flipping bit: Int, at end: End, seed: Int) {
        var damaged = payload
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(
            throws: WireError(
                "a message of kind \(kind) with a payload of \(payload.count) bytes whose checksum is wrong"
            ),
            "bit \(bit), seed \(seed)"
        ) {
            _ = try arrival(kind, payload, arrivingAs: damaged, at: end)
        }
    }

    @Test(arguments: [MessageKind.ready, .result, .dispatch, .assign], End.allCases)
    func everyFlippedBitOfAPayloadIsNoticed(kind: MessageKind, end: End) throws {
        var samples = Samples(seed: 1)
        for size in [1, 40] {
            let payload = (0..<size).map { _ in UInt8(samples.integer(0...255)) }
            #expect(try arrival(kind, payload, arrivingAs: payload, at: end).envelope.kind == kind)
            for bit in 0..<size * 8 { expectRefusal(kind, payload, flipping: bit, at: end, seed: 1) }
        }
    }

    /// Sizes for each way in which the checksum is taken, up to more than the socket copies.
    @Test(arguments: 1...20, End.allCases)
    func aFlippedBitOfALongPayloadIsNoticed(seed: Int, end: End) throws {
        var samples = Samples(seed: seed)
        for most in [16, 128, 240, 1024, 20_000, 400_000] {
            let size = samples.integer(1...most)
            let first = samples.integer(0...255)
            let payload = (0..<size).map { UInt8(truncatingIfNeeded: first &+ $0 &* 131) }
            let kind: MessageKind = samples.integer(0...1) == 0 ? .failed : .result
            #expect(try arrival(kind, payload, arrivingAs: payload, at: end).envelope.kind == kind)
            for bit in [0, samples.integer(0...size * 8 - 1), size * 8 - 1] {
                expectRefusal(kind, payload, flipping: bit, at: end, seed: seed)
            }
        }
    }

    /// Two bytes that change places, and a header of another message.
    @Test func otherDamageIsNoticed() {
        let refusal = WireError("a message of kind result with a payload of 4 bytes whose checksum is wrong")
        for bytes in [[2, 1, 3, 4], [1, 2, 4, 3], [0, 0, 0, 0]] as [[UInt8]] {
            #expect(throws: refusal) { try arrival(.result, [1, 2, 3, 4], arrivingAs: bytes, at: .coordinator) }
        }
    }

    /// A message without a payload has the checksum of no bytes; one that was never sealed is refused.
    @Test func anUnsealedMessageIsRefused() throws {
        #expect(throws: WireError("a message of kind ping with a payload of 0 bytes whose checksum is wrong")) {
            try frames.parcel(head: Envelope(kind: .ping).encoded(), payload: nil).arrival()
        }
    }
}
