import Cluster
import Tensors

/// A dispatch written byte by byte, as the protocol describes it.
struct TestPayload {
    let layout: BatchLayout
    let bytes: [UInt8]

    /// - Parameters:
    ///   - segments: slot and rows of each.
    ///   - sentRow: which of `rows` each row reads.
    ///   - weights: one per row; only written where the form has them.
    ///   - rows: those that travel.
    init(_ segments: [(Int, Int)], sentRow: [Int], weights: [Float] = [], rows: Matrix, form: RowForm) {
        layout = BatchLayout(
            segments: segments.map { BatchLayout.Segment(slot: $0.0, rows: $0.1) },
            sentRows: rows.rows,
            hidden: rows.columns,
            form: form
        )
        var bytes = layout.encodedTable()
        func add(_ word: UInt32) {
            for shift in 0..<4 as Range<UInt32> { bytes.append(UInt8(word >> (8 * shift) & 255)) }
        }
        if form.carriesWeights { for weight in weights { add(weight.bitPattern) } }
        for row in sentRow { add(UInt32(row)) }
        while bytes.count % 64 != 0 { bytes.append(0) }
        for row in 0..<rows.rows {
            let encoded = RowEncoding.encode(Array(rows.row(row)), as: form.dispatch)
            bytes += unsafe encoded.withUnsafeBytes { unsafe Array($0) }
        }
        self.bytes = bytes
    }

    var buffer: AlignedBuffer {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        unsafe buffer.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
        return buffer
    }
}
