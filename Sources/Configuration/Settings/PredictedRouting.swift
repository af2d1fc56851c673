/// How a prediction knows the loads of the experts.
public enum PredictedRouting: String, Codable, CaseIterable, Sendable {
    /// Every token is routed, with the decisions of a live run.
    case tokens
    /// The average over tokens: only for workloads that give the popularity of the experts.
    case expected
}
