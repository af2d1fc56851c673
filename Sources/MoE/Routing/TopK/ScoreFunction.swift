/// The function from a token's logits to scores.
public enum ScoreFunction: String, Codable, CaseIterable, Sendable {
    /// exp(l_e) / sum over all experts of exp(l): the rule of most families.
    case softmax
    /// 1 / (1 + exp(-l_e)): DeepSeek-V3 and what came from it, Llama-4.
    case sigmoid
    /// A softmax over the k chosen logits only: gpt-oss, Granite, JetMoe, Shazeer 2017.
    case softmaxOfChosen = "softmax-of-chosen"
    /// The logit as it is.
    case logit
}
