/// One rebalance of a run: why it began, what it moved, what it cost and what it brought.
///
/// Imbalance is the largest load of a rank over the mean, averaged over layers and steps, as the ranks computed.
public struct RebalanceRecord: Codable, Equatable, Sendable {
    /// The measured step before which it began; negative in the warm-up.
    public var step: Int
    /// Why it began, in words.
    public var reason: String
    /// Layers that have a new map.
    public var layersSwitched: Int
    /// Layers whose map stayed, since there was nothing to gain.
    public var layersKept: Int
    /// What was refused and why, a sentence each.
    public var refusals: [String]
    /// Copies of experts that were brought to a rank that did not hold them.
    public var copies: Int
    /// Bytes of their weights, as their products hold them.
    public var bytes: Int
    /// Bytes of the rank that got most.
    public var mostBytes: Int
    /// Seconds of planning, between steps.
    public var planningSeconds: Double
    /// Seconds between steps in which no step could run: planning, and in the blocking form loading.
    public var blockedSeconds: Double
    /// Seconds from its beginning to the switch of the last layer in which steps ran.
    public var backgroundSeconds: Double
    /// Seconds that the rank which loaded longest was loading.
    public var loadingSeconds: Double
    /// Steps from its beginning until the last layer had switched; nil where none did.
    public var stepsUntilSwitched: Int?
    /// Imbalance of the steps before, at most a window of them.
    public var imbalanceBefore: Double?
    /// Imbalance of the steps from the last switch on, at most a window of them and before the next rebalance.
    public var imbalanceAfter: Double?
    /// Imbalance that was expected of the new maps, on the loads that they were made for.
    public var imbalanceExpected: Double?
    /// Mean seconds of the steps before.
    public var secondsBefore: Double?
    /// Mean seconds of the steps while experts moved; nil where there was none.
    public var secondsMeanwhile: Double?
    /// Mean seconds of the steps after.
    public var secondsAfter: Double?
    /// Steps within which it was expected to pay, or nil where no price or no saving was known.
    public var breakEvenExpected: Double?
    /// Steps within which it pays by the measured seconds before, meanwhile and after; nil where steps got no shorter.
    public var breakEvenMeasured: Double?

    /// A record of a rebalance of which nothing is known but where and why it began.
    public init(step: Int, reason: String) {
        self.step = step
        self.reason = reason
        layersSwitched = 0
        layersKept = 0
        refusals = []
        copies = 0
        bytes = 0
        mostBytes = 0
        planningSeconds = 0
        blockedSeconds = 0
        backgroundSeconds = 0
        loadingSeconds = 0
    }
}
