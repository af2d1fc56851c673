import Cluster
import SimulatedNetwork
import Tensors
import TestSupport
import Testing

@Suite("Layout of a batch")
struct BatchLayoutTests {
    /// Eight rows for two experts, which read six rows that travel.
    private static let segments = [BatchLayout.Segment(slot: 2, rows: 3), BatchLayout.Segment(slot: 0, rows: 5)]

    private static func layout(_ form: RowForm, sentRows: Int = 6, hidden: Int = 10) -> BatchLayout {
        BatchLayout(segments: segments, sentRows: sentRows, hidden: hidden, form: form)
    }

    @Test func partsStandWhereTheyAreSaidTo() {
        let layout = Self.layout(.weightedSingles)
        #expect(layout.rows == 8)
        #expect(layout.weightsOffset == 16)
        #expect(layout.indexOffset == 16 + 32)
        #expect(layout.rowsOffset == 128)  // 16 bytes of table, 32 of weights, 32 of index, then up to a multiple of 64
        #expect(layout.byteCount == 128 + 6 * 40)
        #expect(layout.replyRows == 8)
        #expect(layout.replyByteCount == 8 * 40)
        #expect(layout.encodedTable() == [2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0])
    }

    @Test func weightsThatStayTakeNoRoom() {
        let layout = Self.layout(.singles)
        #expect(layout.indexOffset == 16)
        #expect(layout.rowsOffset == 64)
        #expect(layout.byteCount == 64 + 6 * 40)
    }

    @Test func eachWayHasItsOwnType() {
        let layout = Self.layout(RowForm(dispatch: .bf16, combine: .f32))
        #expect(layout.byteCount == 64 + 6 * 20)
        #expect(layout.replyByteCount == 8 * 40)
    }

    /// One byte a value, and a single for each 128 values of a row or part of them.
    @Test(arguments: [(1, 5), (128, 132), (129, 137), (200, 208), (256, 264)])
    func float8RowsBringTheirScales(hidden: Int, rowBytes: Int) {
        let layout = Self.layout(RowForm(dispatch: .f8e4m3, combine: .bf16), hidden: hidden)
        #expect(layout.sentRowBytes == rowBytes)
        #expect(layout.byteCount == 64 + 6 * rowBytes)
        #expect(layout.replyByteCount == 8 * hidden * 2)
    }

    @Test func presumsBringOneRowBackForEachThatWasSent() {
        let layout = Self.layout(.presummedSingles)
        #expect(layout.replyRows == 6)
        #expect(layout.replyByteCount == 6 * 40)
    }

    @Test(arguments: UInt64(1)...50)
    func survivesTheWire(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let slots = Int.random(in: 1...40, using: &random)
        let segments = (0..<Int.random(in: 1...slots, using: &random)).map { slot in
            BatchLayout.Segment(slot: slot, rows: .random(in: 1...500, using: &random))
        }
        let rows = segments.reduce(0) { $0 + $1.rows }
        let layout = BatchLayout(
            segments: segments,
            sentRows: .random(in: (segments.map(\.rows).max() ?? 1)...rows, using: &random),
            hidden: Int.random(in: 1...300, using: &random),
            form: random.form()
        )
        #expect(layout.rowsOffset % AlignedBuffer.alignment == 0, "seed \(seed)")
        #expect(layout.rowsOffset - layout.indexOffset - 4 * rows < AlignedBuffer.alignment, "seed \(seed)")
        let read = try BatchLayout(
            envelope: layout.envelope,
            table: layout.encodedTable(),
            slots: slots,
            hidden: layout.hidden,
            form: layout.form
        )
        #expect(read == layout, "seed \(seed)")
    }

    @Test func segmentsMustFitTheWorker() {
        expectRefusal("0 segments for a worker that holds 3 experts in layer 1") { $0.segments = 0 }
        expectRefusal("4 segments for a worker that holds 3 experts in layer 1") { $0.segments = 4 }
        expectRefusal("4294967295 segments for a worker that holds 3 experts in layer 1") { $0.segments = .max }
    }

    @Test func theTableMustBeWhole() {
        expectRefusal("a segment table of 15 bytes for 2 segments", table: [UInt8](repeating: 1, count: 15))
        expectRefusal("a segment table of 0 bytes for 2 segments", table: [])
    }

    @Test func slotsAndRowsMustBeThere() {
        expectRefusal(
            "a segment of 3 rows for slot 3; the worker holds 3 experts",
            table: [3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]
        )
        expectRefusal(
            "a segment of 0 rows for slot 2; the worker holds 3 experts",
            table: [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]
        )
        expectRefusal(
            "a segment of 8 rows for slot 4294967295; the worker holds 3 experts",
            table: [255, 255, 255, 255, 8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]
        )
    }

    @Test func rowsAndBytesMustAddUp() {
        expectRefusal("segments of 8 rows in a dispatch of 9") { $0.rows = 9 }
        expectRefusal("a dispatch of 369 bytes where its rows take 368") { $0.payloadBytes += 1 }
        expectRefusal("a dispatch of 368 bytes where its rows take 328") { $0.sentRows = 5 }
    }

    /// More rows that travel than rows that read them, or none to read.
    @Test func sentRowsMustBeRead() {
        expectRefusal("0 sent rows for 8 rows of experts") { $0.sentRows = 0 }
        expectRefusal("9 sent rows for 8 rows of experts") { $0.sentRows = 9 }
        expectRefusal("4294967295 sent rows for 8 rows of experts") { $0.sentRows = .max }
    }

    /// An expert reads a row at most once.
    @Test func segmentsAreNoLongerThanWhatWasSent() {
        let twice = [BatchLayout.Segment(slot: 0, rows: 6), BatchLayout.Segment(slot: 2, rows: 2)]
        let layout = BatchLayout(segments: twice, sentRows: 5, hidden: 10, form: .singles)
        #expect(throws: WireError("a segment of 6 rows where 5 were sent")) {
            try BatchLayout(
                envelope: layout.envelope,
                table: layout.encodedTable(),
                slots: 3,
                hidden: 10,
                form: .singles
            )
        }
    }

    /// The header and its table lie about 2^32 - 1 rows in each segment, of the widest rows that are taken.
    @Test func hugeRowCountsDoNotOverflow() {
        let huge = [0, 1].map { BatchLayout.Segment(slot: $0, rows: Int(UInt32.max)) }
        let table = BatchLayout(segments: huge, sentRows: 1, hidden: 1, form: .weightedSingles).encodedTable()
        expectRefusal("segments of 8589934590 rows in a dispatch of 4294967295", table: table, hidden: 1 << 24) {
            $0.rows = .max
        }
        let rows = 8 + 8 * Int(UInt32.max) + Int(UInt32.max) << 26
        expectRefusal("a dispatch of 368 bytes where its rows take \(rows)", table: Array(table[..<8]), hidden: 1 << 24)
        {
            ($0.rows, $0.sentRows, $0.segments) = (.max, .max, 1)
        }
    }

    private func expectRefusal(
        _ reason: String,
        table: [UInt8]? = nil,
        hidden: Int = 10,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout Envelope) -> Void = { _ in }
    ) {
        let layout = Self.layout(.weightedSingles)
        var envelope = layout.envelope
        change(&envelope)
        #expect(throws: WireError(reason), sourceLocation: sourceLocation) {
            try BatchLayout(
                envelope: envelope,
                table: table ?? layout.encodedTable(),
                slots: 3,
                hidden: hidden,
                form: .weightedSingles
            )
        }
    }
}

extension BatchLayout {
    /// The header of a dispatch in this layout, for layer 1.
    fileprivate var envelope: Envelope {
        Envelope(
            kind: .dispatch,
            dtype: form.dispatch,
            layer: 1,
            segments: UInt32(segments.count),
            rows: UInt32(rows),
            sentRows: UInt32(sentRows),
            payloadBytes: UInt64(byteCount)
        )
    }
}
