/// The phase that an artificial delay makes slower.
public enum DelayPhase: String, Codable, CaseIterable, Sendable {
    /// No delay.
    case none
    /// Before the rows are sent to the rank.
    case dispatch
    /// Before the rank begins to compute.
    case queue
    /// While the rank computes.
    case compute
    /// Before the rank sends its outputs.
    case combine
}
