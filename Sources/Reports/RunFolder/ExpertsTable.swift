public import Placement
public import Records

/// The rows of `experts.csv`, one per (step, layer, expert).
///
/// | column | meaning |
/// |---|---|
/// | run_id | the run |
/// | step, layer | counted from 0, warm-up not counted |
/// | expert | the logical expert of the layer |
/// | rank | the rank that holds it; of a replicated expert all of them, as in `0+3` |
/// | copies | routed copies that it computed |
/// | dropped | copies that it would have had but for its capacity |
/// | importance | sum of the gate weights given to it, before any drop |
public struct ExpertsTable: Sendable {
    /// The first line of the file.
    public static let header = "run_id,step,layer,expert,rank,copies,dropped,importance"

    private let id: RunID
    /// The ranks of each expert as the table shows them, `[layers][experts]`.
    private let ranks: [[String]]

    /// The rows of one run.
    ///
    /// - Parameters:
    ///   - id: the run.
    ///   - placement: where the experts of each layer are.
    public init(id: RunID, placement: Placement) {
        self.id = id
        ranks = placement.layers.map { layer in
            (0..<layer.experts).map { layer.ranks(ofExpert: $0).map(String.init).joined(separator: "+") }
        }
    }

    /// The rows of one (step, layer), each ended by a line feed.
    ///
    /// - Throws: ``ReportError`` when the placement, the drops or the importance do not cover the layer's experts.
    public func rows(_ layer: LayerRecord, step: StepRecord) throws(ReportError) -> String {
        let ranks = self.ranks.indices.contains(layer.layer) ? self.ranks[layer.layer] : []
        let experts = layer.expertCopies.count
        guard ranks.count == experts, layer.expertDropped.count == experts, layer.importance.count == experts else {
            throw ReportError(
                .record,
                "step \(step.step), layer \(layer.layer): copies of \(experts) experts, but drops of "
                    + "\(layer.expertDropped.count), importance of \(layer.importance.count) and a placement of "
                    + "\(ranks.count); they must be equally many"
            )
        }
        var text = ""
        for expert in 0..<experts {
            text += "\(id),\(step.step),\(layer.layer),\(expert),\(ranks[expert]),\(layer.expertCopies[expert]),"
            text += "\(layer.expertDropped[expert]),\(layer.importance[expert])\n"
        }
        return text
    }
}
