import Cluster
import Tensors
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    @Test(arguments: UInt64(1)...20)
    func survivesTheWire(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for kind in MessageKind.allCases {
            let envelope = random.envelope(kind)
            let bytes = envelope.encoded()
            #expect(bytes.count == 96)
            #expect(try Envelope(decoding: bytes) == envelope, "seed \(seed)")
        }
    }

    /// The layout is a promise to other versions, so it is written out here.
    @Test func layoutIsAsDocumented() {
        let bytes = Envelope(
            kind: .dispatch,
            dtype: .bf16,
            epoch: 0x0403_0201,
            step: 5,
            layer: 6,
            batch: 7,
            rank: 8,
            chunk: 9,
            segments: 10,
            rows: 11,
            sentRows: 12,
            exchange: 13,
            payloadBytes: 0x0102_0304_0506_0708,
            stamps: SIMD4(1, -2, 3, .max)
        ).encoded()
        #expect(Array("EPSM".utf8) == Array(bytes[0..<4]))
        #expect([5, 0, 4, 1, 1, 2, 3, 4, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0] == Array(bytes[4..<24]))
        #expect([8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 12, 0, 0, 0] == Array(bytes[24..<44]))
        #expect([13, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1] == Array(bytes[44..<56]))
        #expect([1, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255] == Array(bytes[56..<72]))
        #expect([3, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127] == Array(bytes[72..<88]))
    }

    @Test(arguments: [0, 1, 4, 88, 95, 97, 1024])
    func anotherSizeIsRefused(size: Int) {
        #expect(throws: WireError("an envelope of \(size) bytes; it has 96")) {
            try Envelope(decoding: [UInt8](repeating: 0x45, count: size))
        }
    }

    @Test func anotherProtocolIsRefused() {
        var bytes = Envelope(kind: .ping).encoded()
        bytes.replaceSubrange(0..<4, with: "HTTP".utf8)
        #expect(throws: WireError("not an epsim message: it starts with [72, 84, 84, 80]")) {
            try Envelope(decoding: bytes)
        }
    }

    /// Before the checksum, since another version may have another one.
    @Test func anotherVersionIsNamed() {
        var bytes = Envelope(kind: .ping).encoded()
        bytes[4] = 1
        bytes[5] = 1
        #expect(throws: WireError("protocol version 257; this epsim speaks version 5")) {
            try Envelope(decoding: bytes)
        }
    }

    @Test func everyFlippedBitIsNoticed() {
        let bytes = Envelope(kind: .result, epoch: 3, rows: 4, stamps: SIMD4(1, 2, 3, 4)).encoded()
        for bit in 48..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: WireError("an envelope whose checksum is wrong"), "bit \(bit)") {
                try Envelope(decoding: damaged)
            }
        }
    }

    @Test(arguments: [UInt8(0), 13, 14, 255])
    func anUnknownKindIsRefused(kind: UInt8) {
        let bytes = Envelope(kind: .ping).encoded().sealed(with: kind, at: 6)
        #expect(throws: WireError("message kind \(kind)")) { try Envelope(decoding: bytes) }
    }

    @Test(arguments: [UInt8(3), 255])
    func anUnknownDtypeIsRefused(code: UInt8) {
        let bytes = Envelope(kind: .ping).encoded().sealed(with: code, at: 7)
        #expect(throws: WireError("dtype code \(code); 0 is F32, 1 is BF16, 2 is F8_E4M3")) {
            try Envelope(decoding: bytes)
        }
    }

    /// Bytes that pass as a header are one: they encode to themselves.
    @Test(arguments: UInt64(1)...10)
    func randomBytesNeverCrash(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var bytes = random.bytes(Bool.random(using: &random) ? 96 : Int.random(in: 0...200, using: &random))
            if bytes.count == 96 {
                bytes.replaceSubrange(0..<6, with: Envelope(kind: .ping).encoded()[0..<6])
                if Bool.random(using: &random) { bytes.replaceSubrange(44..<48, with: [0, 0, 0, 0]) }
                bytes = bytes.sealed(with: bytes[6] % 16, at: 6)
            }
            guard let envelope = try? Envelope(decoding: bytes) else { continue }
            #expect(envelope.encoded() == bytes, "seed \(seed)")
        }
    }

    @Test(arguments: [(UInt8(0), DType.f32), (1, .bf16), (2, .f8e4m3)])
    func everyTypeOfRowsHasItsCode(code: UInt8, dtype: DType) throws {
        let bytes = Envelope(kind: .dispatch, dtype: dtype).encoded()
        #expect(bytes[7] == code)
        #expect(try Envelope(decoding: bytes).dtype == dtype)
    }

    @Test func onlyRowsAreNotControl() {
        #expect(MessageKind.allCases.filter { !$0.isControl } == [.dispatch, .result])
    }
}
