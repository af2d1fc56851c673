import Cluster
import Tensors
import Testing

@Suite("Layout of a batch")
struct BatchLayoutTests {
    private static let segments = [BatchLayout.Segment(slot: 2, rows: 3), BatchLayout.Segment(slot: 0, rows: 5)]

    @Test func partsStandWhereTheyAreSaidTo() {
        let layout = BatchLayout(segments: Self.segments, hidden: 10, dtype: .f32, carriesWeights: true)
        #expect(layout.rows == 8)
        #expect(layout.weightsOffset == 16)
        #expect(layout.rowsOffset == 64)  // 16 bytes of table, 32 of weights, then up to a multiple of 64
        #expect(layout.byteCount == 64 + 8 * 40)
        #expect(layout.replyByteCount == 8 * 40)
        #expect(layout.encodedTable() == [2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0])
    }

    @Test func halfPrecisionHalvesTheRows() {
        let layout = BatchLayout(segments: Self.segments, hidden: 10, dtype: .bf16, carriesWeights: false)
        #expect(layout.byteCount == 64 + 8 * 20)
        #expect(layout.replyByteCount == 160)
    }

    @Test(arguments: UInt64(1)...50)
    func survivesTheWire(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let slots = Int.random(in: 1...40, using: &random)
        let layout = BatchLayout(
            segments: (0..<Int.random(in: 1...slots, using: &random)).map { slot in
                BatchLayout.Segment(slot: slot, rows: .random(in: 1...500, using: &random))
            },
            hidden: Int.random(in: 1...300, using: &random),
            dtype: Bool.random(using: &random) ? .f32 : .bf16,
            carriesWeights: Bool.random(using: &random)
        )
        #expect(layout.rowsOffset % AlignedBuffer.alignment == 0)
        let read = try BatchLayout(
            envelope: layout.envelope,
            table: layout.encodedTable(),
            slots: slots,
            hidden: layout.hidden,
            carriesWeights: layout.carriesWeights
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
        expectRefusal("a dispatch of 385 bytes where its rows take 384") { $0.payloadBytes += 1 }
        expectRefusal("a dispatch of 384 bytes where its rows take 224") { $0.dtype = .bf16 }
    }

    /// The header and its table lie about 2^32 - 1 rows in each segment, of the widest rows that are taken.
    @Test func hugeRowCountsDoNotOverflow() {
        let huge = [0, 1].map { BatchLayout.Segment(slot: $0, rows: Int(UInt32.max)) }
        let table = BatchLayout(segments: huge, hidden: 1, dtype: .f32, carriesWeights: true).encodedTable()
        expectRefusal("segments of 8589934590 rows in a dispatch of 4294967295", table: table, hidden: 1 << 24) {
            $0.rows = .max
        }
        let one = Array(table.prefix(8))
        expectRefusal("a dispatch of 384 bytes where its rows take 288230393264472128", table: one, hidden: 1 << 24) {
            $0.rows = .max
            $0.segments = 1
        }
    }

    private func expectRefusal(
        _ reason: String,
        table: [UInt8]? = nil,
        hidden: Int = 10,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout Envelope) -> Void = { _ in }
    ) {
        let layout = BatchLayout(segments: Self.segments, hidden: 10, dtype: .f32, carriesWeights: true)
        var envelope = layout.envelope
        change(&envelope)
        #expect(throws: WireError(reason), sourceLocation: sourceLocation) {
            try BatchLayout(
                envelope: envelope,
                table: table ?? layout.encodedTable(),
                slots: 3,
                hidden: hidden,
                carriesWeights: true
            )
        }
    }
}

extension BatchLayout {
    /// The header of a dispatch in this layout, for layer 1.
    fileprivate var envelope: Envelope {
        Envelope(
            kind: .dispatch,
            dtype: dtype,
            layer: 1,
            segments: UInt32(segments.count),
            rows: UInt32(rows),
            payloadBytes: UInt64(byteCount)
        )
    }
}
