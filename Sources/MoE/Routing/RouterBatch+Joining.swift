internal import Tensors

extension RouterBatch {
    /// The batch of runs of tokens that follow each other, for a router that decides token by token.
    ///
    /// - Precondition: there is at least one, and all are of one layer.
    public static func joined(_ parts: [RouterBatch]) -> RouterBatch {
        var whole = parts[0]
        whole.tokens = parts.reduce(0) { $0 + $1.tokens }
        whole.projections = whole.projections.indices.map { index in
            Matrix.joined(parts.map { $0.projections[index] })
        }
        let recorded = parts.compactMap(\.recorded)
        whole.recorded = recorded.isEmpty ? nil : RecordedChoices.joined(recorded)
        whole.tokenIDs = whole.tokenIDs.map { _ in parts.flatMap { $0.tokenIDs ?? [] } }
        whole.sequenceLengths = nil
        return whole
    }
}
