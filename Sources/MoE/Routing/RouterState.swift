/// The memory of a router from step to step in one layer; each part is empty where the router has none.
public struct RouterState: Codable, Equatable, Sendable {
    /// Added to the score of each expert for selection only, `[experts]` (DeepSeek-V3's `e_score_correction_bias`).
    public var selectionBias: [Float]
    /// Added to the gate's logits, `[experts]` (gpt-oss, Jacobs 1991).
    public var gateBias: [Float]
    /// The learned threshold of each expert, `[experts]` (Shazeer 2017, appendix F).
    public var thresholds: [Float]

    /// A state; without arguments, one without any memory.
    public init(selectionBias: [Float] = [], gateBias: [Float] = [], thresholds: [Float] = []) {
        self.selectionBias = selectionBias
        self.gateBias = gateBias
        self.thresholds = thresholds
    }
}
