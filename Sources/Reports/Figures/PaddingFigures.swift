import Records

/// Rows that experts would compute for nothing if their queues were padded as the router's system pads them.
///
/// Nothing is padded here: the rows are counted, not computed. Layers whose router does not pad do not count.
public struct PaddingFigures: Codable, Equatable, Sendable {
    /// Rows with padding, summed over layers, mean over steps, or nil when no router pads.
    @OrNull public private(set) var rowsPerStep: Double?
    /// Copies kept in the same layers, summed over layers, mean over steps.
    @OrNull public private(set) var copiesPerStep: Double?
    /// Rows with padding / copies kept - 1, over all layers of all steps; 0 is none.
    @OrNull public private(set) var extraFraction: Double?
    /// The largest extra fraction of one (step, layer).
    @OrNull public private(set) var largestExtraFraction: Double?

    /// The padding of recorded steps.
    init(_ steps: [StepRecord]) {
        let pairs: [(rows: Double, copies: Double)] = steps.flatMap(\.layers).compactMap { layer in
            layer.paddedRows.map { (Double($0), Double(layer.expertCopies.reduce(0, +))) }
        }
        guard !pairs.isEmpty else { return }
        let rows = pairs.reduce(0) { $0 + $1.rows }
        let copies = pairs.reduce(0) { $0 + $1.copies }
        rowsPerStep = Average.ratio(rows, Double(steps.count))
        copiesPerStep = Average.ratio(copies, Double(steps.count))
        extraFraction = Average.ratio(rows - copies, copies)
        largestExtraFraction = pairs.compactMap { Average.ratio($0.rows - $0.copies, $0.copies) }.max()
    }
}
