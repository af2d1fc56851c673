internal import MoE

/// The primitives of a product by row count, the least recently used one dropped when there are too many.
struct RecentPrimitives {
    /// Rows of one expert vary by about the square root of their mean, so this covers the row counts of a steady run; at
    /// 0.1 MB each, three products keep at most 30 MB.
    static let most = 96

    private var primitives = [ProductPrimitive?](repeating: nil, count: RowBlock.most + 1)
    private var lastUse = [Int](repeating: 0, count: RowBlock.most + 1)
    private var uses = 0
    private var count = 0

    mutating func find(rows: Int) -> ProductPrimitive? {
        guard let primitive = primitives[rows] else { return nil }
        uses += 1
        lastUse[rows] = uses
        return primitive
    }

    mutating func insert(_ primitive: ProductPrimitive, rows: Int) {
        if count == Self.most { dropOldest() }
        primitives[rows] = primitive
        uses += 1
        lastUse[rows] = uses
        count += 1
    }

    private mutating func dropOldest() {
        let held = primitives.indices.filter { primitives[$0] != nil }
        guard let oldest = held.min(by: { lastUse[$0] < lastUse[$1] }) else { return }
        primitives[oldest] = nil
        count -= 1
    }
}
