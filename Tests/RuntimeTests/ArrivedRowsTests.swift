import Cluster
import Experts
import Tensors
import Testing

@testable import Runtime

/// The rows of a dispatch where they lie.
@Suite struct ArrivedRowsTests {
    private static let singles = RowForm(dispatch: .f32, combine: .f32)
    private let rows: Matrix

    init() {
        var samples = Samples(seed: 5)
        rows = samples.matrix(rows: 4, columns: 6)
    }

    /// Calls `body` with the rows of a payload that begins at an address which is so much beyond a multiple of 64.
    private func arrived<Value>(_ payload: TestPayload, beyond: Int = 0, _ body: (ArrivedRows) throws -> Value) throws
        -> Value
    {
        let buffer = AlignedBuffer(byteCount: payload.bytes.count + beyond)
        return try unsafe buffer.withUnsafeMutableBytes { target in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[beyond...]).copyBytes(from: payload.bytes)
            let start = try unsafe #require(target.baseAddress)
            return try unsafe body(ArrivedRows(payload.layout, payload: UnsafeRawPointer(start + beyond)))
        }
    }

    private func gathered(_ arrived: ArrivedRows, _ range: Range<Int>, _ dtype: DType) -> [Float] {
        let bytes = AlignedBuffer(byteCount: range.count * 6 * dtype.byteCount)
        return unsafe bytes.withUnsafeMutableBytes { target in
            if let start = target.baseAddress { unsafe arrived.gather(range, as: dtype, into: start) }
            return unsafe TestLayer.decoded(Array(target), at: 0, range.count * 6, dtype)
        }
    }

    private func isInPlace(
        _ sentRow: [Int],
        _ range: Range<Int>,
        _ dispatch: DType = .f32,
        as dtype: DType = .f32,
        beyond: Int = 0
    ) throws -> Bool {
        let form = RowForm(dispatch: dispatch, combine: .f32)
        let payload = TestPayload([(0, sentRow.count)], sentRow: sentRow, rows: rows, form: form)
        return try unsafe arrived(payload, beyond: beyond) { unsafe $0.inPlace(range, as: dtype) != nil }
    }

    @Test func rowsOneBehindTheOtherAreReadWhereTheyAre() throws {
        #expect(try isInPlace([0, 1, 2, 3], 0..<4))
        #expect(try isInPlace([3, 1, 2, 0], 1..<3))
        #expect(try !isInPlace([3, 1, 2, 0], 1..<4))
        #expect(try !isInPlace([0, 0, 1], 0..<2))
    }

    @Test func whatMustBeConvertedOrIsUnalignedIsNot() throws {
        #expect(try !isInPlace([0, 1], 0..<2, as: .bf16))
        #expect(try !isInPlace([0, 1], 0..<2, .bf16, as: .f32))
        #expect(try !isInPlace([0, 1], 0..<2, .f8e4m3, as: .f32))
        #expect(try isInPlace([0, 1], 0..<2, .bf16, as: .bf16, beyond: 2))
        for beyond in 0..<8 { #expect(try isInPlace([0, 1], 0..<2, beyond: beyond) == (beyond % 4 == 0)) }
    }

    @Test(arguments: 0..<8)
    func rowsAreGatheredFromAnyAddress(beyond: Int) throws {
        let payload = TestPayload([(0, 5)], sentRow: [3, 1, 1, 0, 2], rows: rows, form: Self.singles)
        let found = try unsafe arrived(payload, beyond: beyond) { unsafe gathered($0, 1..<5, .f32) }
        #expect(found == [1, 1, 0, 2].flatMap { rows.row($0) })
    }

    @Test(arguments: [DType.f32, .bf16, .f8e4m3], [DType.f32, .bf16])
    func rowsAreConverted(from: DType, to: DType) throws {
        let form = RowForm(dispatch: from, combine: .f32)
        let payload = TestPayload([(0, 2)], sentRow: [2, 0], rows: rows, form: form)
        let found = try unsafe arrived(payload, beyond: 3) { unsafe gathered($0, 0..<2, to) }
        let expected = [2, 0].flatMap { TestLayer.travelled(TestLayer.travelled(Array(rows.row($0)), from), to) }
        #expect(found == expected)
    }

    @Test(arguments: [(4, 4), (4_294_967_295, 4_294_967_295)])
    func aRowThatWasNotSentIsAnError(index: Int, named: Int) throws {
        let payload = TestPayload([(0, 3)], sentRow: [0, 3, index], rows: rows, form: Self.singles)
        #expect(throws: ComputeError("row 2 reads row \(named) of 4 that were sent")) {
            try unsafe arrived(payload) { _ in }
        }
    }
}
