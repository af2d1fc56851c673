/// The schedule by which communication overlaps with computing.
public enum OverlapMode: String, Codable, CaseIterable, Sendable {
    /// Nothing beyond the chunks of one layer.
    case none
    /// Two halves of the step, each in a layer of its own: one communicates while the other computes (DeepSeek-V3, arXiv
    /// 2412.19437, section 3.2.1).
    case twoBatch = "two-batch"
    /// Everything that can: the bound that no schedule beats, for predictions only.
    case full
}
