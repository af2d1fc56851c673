import TestSupport
import Testing

@testable import Tensors

/// The search for numbers that are not finite.
@Suite struct FiniteTests {
    /// A tensor of `[rows, columns]` from the bits of its elements.
    private func view<Bits: FixedWidthInteger>(_ dtype: DType, _ bits: [Bits], _ shape: [Int]) throws -> TensorView {
        let bytes = bits.flatMap { value in (0..<dtype.byteCount).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        let file = try unsafe MappedFile(memory: bytes.count, for: "f") { unsafe $0.copyBytes(from: bytes) }
        return TensorView(spec: TensorSpec(name: "t", dtype: dtype, shape: shape), file: file, byteOffset: 0)
    }

    private func message(_ view: TensorView, _ rows: Range<Int>? = nil) -> String? {
        do throws(TensorFileError) {
            try view.checkFinite(rows: rows ?? 0..<view.rows)
            return nil
        } catch {
            return error.message
        }
    }

    /// The largest number and the least that is none, by IEEE 754 (16 and 32 bits), bfloat16, and FP8 E4M3.
    @Test func theFirstIsNamedInEachType() throws {
        let allowed = "finite numbers are allowed"
        #expect(
            message(try view(.f32, [0, 0x7F7F_FFFF, 0xFF7F_FFFF, 0x7F80_0000] as [UInt32], [2, 2]))
                == "is inf at [1, 1]; \(allowed)"
        )
        #expect(message(try view(.f16, [0x7BFF, 0xFC00] as [UInt16], [2, 1])) == "is -inf at [1, 0]; \(allowed)")
        #expect(message(try view(.bf16, [0x7F7F, 0xFFC0] as [UInt16], [2])) == "is nan at [1]; \(allowed)")
        #expect(message(try view(.f8e4m3, [0x7E, 0xFF] as [UInt8], [1, 2])) == "is nan at [0, 1]; \(allowed)")
        let large = [Double(3e38).bitPattern, 1e39.bitPattern]
        #expect(message(try view(.f64, large, [2])) == "is 1e+39 at [1], which single precision cannot hold")
        for (dtype, bits) in [(DType.f16, 0x7BFF), (.bf16, 0x7F7F), (.f8e4m3, 0x7E)] {
            #expect(message(try view(dtype, [UInt16(bits), 0], [2])) == nil)
        }
        #expect(message(try view(.i32, [1] as [UInt32], [1])) != nil)
    }

    /// Wherever it stands among many, and in the rows that are asked for alone.
    @Test func placesAreFoundInAnyPiece() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20 {
            let place = Int.random(in: 0..<12_000, using: &random)
            var bits = [UInt32](repeating: 0x3F80_0000, count: 12_000)
            bits[place] = 0x7FC0_0000
            let view = try view(.f32, bits, [1200, 10])
            #expect(message(view)?.contains("at [\(place / 10), \(place % 10)]") == true)
            #expect(message(view, 0..<place / 10) == nil && message(view, place / 10 + 1..<1200) == nil)
        }
    }

    @Test func partsAndJoinedRowsShareTheirElements() throws {
        let view = try view(.i16, (0..<12).map { UInt16($0) }, [3, 2, 2])
        #expect(view.part(1).shape == [2, 2])
        #expect(try view.part(1).integers(rows: 1..<2) == [6, 7])
        #expect(view.withJoinedRows.shape == [6, 2])
        #expect(try view.withJoinedRows.integers(rows: 5..<6) == [10, 11])
    }
}
