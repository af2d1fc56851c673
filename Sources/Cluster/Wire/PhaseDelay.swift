/// Time that one rank loses on purpose in one phase of every layer, to study stragglers and to test the accounting.
public struct PhaseDelay: Codable, Equatable, Sendable {
    /// Where the time is lost.
    public enum Phase: String, Codable, CaseIterable, Sendable {
        /// On the way to the worker.
        case dispatch
        /// Between arrival and the first product.
        case queue
        /// In the experts.
        case compute
        /// On the way back.
        case combine
    }

    /// Where.
    public var phase: Phase
    /// Which rank.
    public var rank: Int
    /// How long, once in every layer: its first batch is held up.
    public var duration: Nanoseconds

    /// A delay of `duration` in `phase` of `rank`.
    public init(phase: Phase, rank: Int, duration: Nanoseconds) {
        self.phase = phase
        self.rank = rank
        self.duration = duration
    }
}
