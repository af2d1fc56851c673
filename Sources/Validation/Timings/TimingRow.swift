/// One row of a table: what was measured, and in which setting.
public struct TimingRow: Equatable, Sendable {
    /// What was run.
    public enum Setting: Equatable, Sendable {
        /// Dispatch and combine.
        case kernel(KernelSetting)
        /// Expert products.
        case experts(ExpertSetting)
    }

    /// A measured time, or the bandwidth that was given for it.
    public enum Measurement: Equatable, Sendable {
        /// Seconds.
        case seconds(Double)
        /// GB/s, of the bytes that ``KernelPrediction/countedBytes`` counts.
        case bandwidth(Double)
    }

    /// Its line in the file, from 1.
    public let line: Int
    /// The hardware, as the row names it.
    public let gpu: String
    /// What was run.
    public let setting: Setting
    /// What was measured.
    public let measurements: [TimingFigure: Measurement]
}

/// What a row gives a time of.
public enum TimingFigure: String, CaseIterable, Codable, Sendable {
    /// Tokens to experts.
    case dispatch
    /// Outputs back.
    case combine
    /// The products of the experts.
    case experts
}
