/// Which rank holds which expert.
public enum PlacementKind: String, Codable, CaseIterable, Sendable {
    /// Neighbouring experts together; when they do not divide evenly, the first ranks hold one more.
    case contiguous
    /// Expert e on rank e modulo the number of workers.
    case roundRobin = "round-robin"
}
