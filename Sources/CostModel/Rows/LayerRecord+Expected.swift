public import Records

extension LayerRecord {
    /// The record of expected loads: whole copies that keep the sum, each token's copies of equal weight.
    public init(layer: Int, expected: ExpectedRouting) {
        let copies = expected.shares.map { $0 * expected.tokens * Double(expected.choices) }
        self.init(
            layer: layer,
            expertCopies: WholeNumbers.keepingSum(copies),
            expertDropped: [Int](repeating: 0, count: copies.count),
            importance: copies.map { $0 / Double(expected.choices) },
            tokensWithoutExpert: 0,
            losses: []
        )
    }
}
