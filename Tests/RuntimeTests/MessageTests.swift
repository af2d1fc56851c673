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
        try frames.parcel(head: envelope.encoded(), payload: payload.map { .bytes($0) }).arrival()
    }

    private func message(_ arrival: Arrival) -> Message? {
        if case .control(let message) = arrival { message } else { nil }
    }

    @Test func controlTravelsWithItsBytes() throws {
        let envelope = Envelope(kind: .hello, payloadBytes: 3)
        #expect(message(try arrival(envelope, [1, 2, 3])) == Message(envelope: envelope, control: [1, 2, 3]))
        let empty = Envelope(kind: .ping)
        #expect(message(try arrival(empty, nil)) == Message(envelope: empty))
    }

    @Test func rowsStayInTheirFrame() throws {
        let envelope = Envelope(kind: .result, rows: 1, payloadBytes: 4)
        guard case .rows(let header, let rows) = try arrival(envelope, [1, 2, 3, 4]) else {
            Issue.record("rows that are a control message")
            return
        }
        #expect(header == envelope && rows.prefix(4) == [1, 2, 3, 4])
    }

    @Test(arguments: [MessageKind.dispatch, .result])
    func rowsWithoutAFrameAreRefused(kind: MessageKind) throws {
        #expect(throws: WireError("a \(kind) without rows")) { try arrival(Envelope(kind: kind), nil) }
    }

    @Test func lyingSizesAreRefused() throws {
        #expect(throws: WireError("2 frames, 2 bytes where 3 were announced")) {
            try arrival(Envelope(kind: .hello, payloadBytes: 3), [1, 2])
        }
        #expect(throws: WireError("1 frames, 0 bytes where 3 were announced")) {
            try arrival(Envelope(kind: .hello, payloadBytes: 3), nil)
        }
        #expect(throws: WireError("an envelope of 1 bytes; it has 96")) {
            try frames.parcel(head: [1], payload: nil).arrival()
        }
    }
}
