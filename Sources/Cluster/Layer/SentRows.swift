/// The choice of the rows that travel to a rank, and the sent row that each row of its experts reads.
struct SentRows: Sendable {
    typealias Rows = (sentRow: [Int32], inputRows: [Int32])

    /// For each row of the input, the call that used it last and the sent row that it became in that call.
    private var seen: [(call: Int, row: Int32)] = []
    private var calls = 0

    /// Let every input row travel once, in the order of first use, so that the first rows of a batch lie one behind the
    /// other.
    mutating func shared(_ rows: ArraySlice<Int32>) -> Rows {
        calls += 1
        let highest = Int(rows.max() ?? -1)
        if seen.count <= highest { seen += Array(repeating: (0, 0), count: highest + 1 - seen.count) }
        var inputRows: [Int32] = []
        inputRows.reserveCapacity(rows.count)
        var sentRow: [Int32] = []
        sentRow.reserveCapacity(rows.count)
        for row in rows {
            if seen[Int(row)].call != calls {
                seen[Int(row)] = (calls, Int32(inputRows.count))
                inputRows.append(row)
            }
            sentRow.append(seen[Int(row)].row)
        }
        return (sentRow, inputRows)
    }

    /// Let each row travel by itself, even where several rows are the same input row.
    static func separate(_ rows: ArraySlice<Int32>) -> Rows {
        (Array(0..<Int32(rows.count)), Array(rows))
    }
}
