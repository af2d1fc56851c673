import Cluster
import SimulatedNetwork
import Tensors
import TestSupport
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    @Test(arguments: UInt64(1)...20)
    func survivesTheWire(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for kind in MessageKind.allCases {
            let envelope = random.envelope(kind)
            let bytes = envelope.encoded()
            #expect(bytes.count == 120)
            #expect(try Envelope(decoding: bytes) == envelope, "seed \(seed)")
        }
    }

    /// The layout is a promise to other versions, so it is written out here.
    @Test func layoutIsAsDocumented() {
        let bytes = Envelope(
            kind: .dispatch,
            dtype: .bf16,
            pass: .backward,
            map: 0x0A09,
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
            attempt: 14,
            payloadBytes: 0x0102_0304_0506_0708,
            payloadChecksum: 0x1112_1314_1516_1718,
            session: 0x2122_2324_2526_2728,
            stamps: SIMD4(1, -2, 3, .max)
        ).encoded()
        #expect(Array("EPSM".utf8) == Array(bytes[0..<4]))
        #expect([6, 0, 4, 1, 1, 0, 9, 10, 1, 2, 3, 4, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0] == Array(bytes[4..<28]))
        #expect([8, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11, 0, 0, 0, 12, 0, 0, 0] == Array(bytes[28..<48]))
        #expect([13, 0, 0, 0, 14, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1] == Array(bytes[48..<64]))
        #expect([24, 23, 22, 21, 20, 19, 18, 17] == Array(bytes[64..<72]))
        #expect([40, 39, 38, 37, 36, 35, 34, 33] == Array(bytes[72..<80]))
        #expect([1, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255, 255, 255, 255, 255] == Array(bytes[80..<96]))
        #expect([3, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127] == Array(bytes[96..<112]))
    }

    @Test(arguments: [0, 1, 5, 6, 96, 119, 121, 1024])
    func anotherSizeIsRefused(size: Int) {
        let bytes = (Envelope(kind: .ping).encoded() + [UInt8](repeating: 0, count: 1024)).prefix(size)
        #expect(throws: WireError("an envelope of \(size) bytes; it has 120")) { try Envelope(decoding: Array(bytes)) }
    }

    @Test func anotherProtocolIsRefused() {
        var bytes = Envelope(kind: .ping).encoded()
        bytes.replaceSubrange(0..<4, with: "HTTP".utf8)
        #expect(throws: WireError("not an epsim message: it starts with [72, 84, 84, 80]")) {
            try Envelope(decoding: bytes)
        }
    }

    /// Before size and checksum, since another version may have others: version 4 had 96 bytes.
    @Test(arguments: [96, 120, 200])
    func anotherVersionIsNamed(size: Int) {
        for version in [4, 5, 7, 257] {
            var bytes = [UInt8](repeating: 0, count: size)
            bytes.replaceSubrange(0..<4, with: "EPSM".utf8)
            (bytes[4], bytes[5]) = (UInt8(version % 256), UInt8(version / 256))
            #expect(throws: WireError("protocol version \(version); this epsim speaks version 6")) {
                try Envelope(decoding: bytes)
            }
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

    @Test(arguments: [UInt8(0), 13, 14, 19, 255])
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

    @Test(arguments: [UInt8(2), 255])
    func anUnknownPassIsRefused(code: UInt8) {
        let bytes = Envelope(kind: .dispatch).encoded().sealed(with: code, at: 8)
        #expect(throws: WireError("pass code \(code); 0 is forward, 1 is backward")) { try Envelope(decoding: bytes) }
    }

    @Test func whatIsNoFieldIsZero() {
        let bytes = Envelope(kind: .ping).encoded().sealed(with: 1, at: 9)
        #expect(throws: WireError("an envelope with 1 where a zero stands")) { try Envelope(decoding: bytes) }
    }

    /// Bytes that pass as a header are one: they encode to themselves.
    @Test(arguments: UInt64(1)...10)
    func randomBytesNeverCrash(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var bytes = random.bytes(Bool.random(using: &random) ? 120 : Int.random(in: 0...200, using: &random))
            if bytes.count == 120 {
                bytes.replaceSubrange(0..<6, with: Envelope(kind: .ping).encoded()[0..<6])
                if Bool.random(using: &random) { bytes.replaceSubrange(8..<12, with: [0, 0, 0, 0]) }
                bytes = bytes.sealed(with: bytes[6] % 20, at: 6)
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

    @Test(arguments: [(UInt8(0), Pass.forward), (1, .backward)])
    func everyPassHasItsCode(code: UInt8, pass: Pass) throws {
        let bytes = Envelope(kind: .dispatch, pass: pass).encoded()
        #expect(bytes[8] == code)
        #expect(try Envelope(decoding: bytes).pass == pass)
    }

    @Test func onlyRowsAreNotControl() {
        #expect(MessageKind.allCases.filter { !$0.isControl } == [.dispatch, .result])
    }
}
