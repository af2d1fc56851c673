/// The class of an expert's mean number of rows in a step.
///
/// Known before any routing, and the same for every cut of the work into chunks, micro-batches and workers: the form of a
/// product follows from it, so that no cut changes a bit.
public enum WorkClass: String, CaseIterable, Codable, Hashable, Sendable {
    /// Fewer than 12: reading the weights takes the time.
    case few
    /// Fewer than 100.
    case tens
    /// 100 or more: multiplying takes the time.
    case hundreds

    /// The class of experts that have so many rows in the mean.
    public init(meanRows: Double) {
        self = meanRows < 12 ? .few : meanRows < 100 ? .tens : .hundreds
    }

    /// The class of routed experts.
    ///
    /// - Parameters:
    ///   - tokens: tokens of a step.
    ///   - copies: experts that a token visits, k.
    ///   - experts: experts of a layer, E.
    public init(tokens: Int, copies: Int, experts: Int) {
        self.init(meanRows: Double(tokens) * Double(copies) / Double(max(1, experts)))
    }

    /// The rows in words.
    public var rows: String { self == .few ? "few rows" : "\(rawValue) of rows" }

    /// The number of rows that products are measured with: a multiple of the heights that are tried.
    public var typicalRows: Int {
        switch self {
        case .few: 4
        case .tens: 48
        case .hundreds: 240
        }
    }
}
