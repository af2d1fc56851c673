/// Who multiplies the gate weights into the outputs of the experts.
public enum GateWeightSide: String, Codable, CaseIterable, Sendable {
    /// The coordinator, as it combines.
    case coordinator
    /// The worker, before it replies.
    case worker
}
