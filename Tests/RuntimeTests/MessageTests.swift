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

    private func message(_ envelope: Envelope, _ payload: [UInt8]?) throws -> Message {
        try frames.parcel(head: envelope.encoded(), payload: payload.map { .bytes($0) }).message()
    }

    @Test func controlTravelsWithItsBytes() throws {
        let envelope = Envelope(kind: .hello, payloadBytes: 3)
        #expect(try message(envelope, [1, 2, 3]) == Message(envelope: envelope, control: [1, 2, 3]))
        let empty = Envelope(kind: .ping)
        #expect(try message(empty, nil) == Message(envelope: empty))
    }

    @Test func rowsStayWithTheParcel() throws {
        let envelope = Envelope(kind: .result, rows: 1, payloadBytes: 4)
        #expect(try message(envelope, [1, 2, 3, 4]).control.isEmpty)
    }

    @Test func lyingSizesAreRefused() throws {
        #expect(throws: WireError("2 frames, 2 bytes where 3 were announced")) {
            try message(Envelope(kind: .hello, payloadBytes: 3), [1, 2])
        }
        #expect(throws: WireError("1 frames, 0 bytes where 3 were announced")) {
            try message(Envelope(kind: .hello, payloadBytes: 3), nil)
        }
        #expect(throws: WireError("an envelope of 1 bytes; it has 112")) {
            try frames.parcel(head: [1], payload: nil).message()
        }
    }
}
