/// A phase of a rank or of the coordinator within one (step, layer).
///
/// For every rank, gate + dispatch + queue + compute + combine + wait + shared + merge is the time of the layer.
public enum Phase: String, Codable, CaseIterable, Sendable {
    /// Coordinator: norm, router logits, routing and permutation, before anything is sent.
    case gate
    /// From the sender's hand-over of tokens to the last byte received by the rank.
    case dispatch
    /// Work that lies ready while something else goes first, at either end.
    case queue
    /// Experts at work.
    case compute
    /// From the rank's hand-over of outputs to the last byte received.
    case combine
    /// The rank idles because another one is the busiest.
    case wait
    /// Coordinator: the rest of its own shared experts, after the last output of a rank has arrived.
    case shared
    /// Coordinator: weighted sum of the copies and the residual, after the last output has arrived.
    case merge

    /// The phases of the coordinator, which count for every rank.
    public static let ofCoordinator: [Phase] = [.gate, .shared, .merge]

    /// The phases that a rank has of its own.
    public static let ofRank: [Phase] = [.dispatch, .queue, .compute, .combine, .wait]
}
