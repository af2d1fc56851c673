/// What is in flight at a time.
public enum OverlapMode: String, Codable, CaseIterable, Sendable {
    /// One layer of the whole step.
    case none
    /// Two halves of the step, each in a layer of its own: one communicates while the other computes.
    case twoBatch = "two-batch"
}
