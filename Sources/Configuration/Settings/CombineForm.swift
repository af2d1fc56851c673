/// How the outputs of a token's copies come back.
public enum CombineForm: String, Codable, CaseIterable, Sendable {
    /// One by one; the coordinator sums them in the router's order of choice, whatever the placement.
    case copies
    /// Each worker sums those of its own experts first: fewer bytes, and an order that depends on the placement.
    case presum
}
