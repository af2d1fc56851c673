/// The order in which copies get the places of a full expert.
///
/// Where the keys of two copies are equal, the earlier token comes first, and within a token the earlier choice.
public enum ContestOrder: String, CaseIterable, Equatable, Sendable {
    /// The earliest token first, and within a token by order of choice (Megatron-Core `position`).
    case position
    /// All first choices by token, then all second choices by token, and so on (GShard and what came from it).
    case choice
    /// The largest weight first (Megatron-Core `probs`, `switch_max` of Mesh TensorFlow).
    case probability
    /// As `choice`, with the tokens in descending order of their largest score (V-MoE, ST-MoE, NLLB).
    case batchPrioritised = "batch-prioritised"
    /// The smallest uniform random key first (DeepSpeed's random token selection).
    case random
}
