/// The routing rules that this version can run.
public enum RouterKind: String, Codable, CaseIterable, Sendable {
    /// Softmax over all experts, then the k largest.
    case softmaxTopK = "softmax-top-k"
    /// Gaussian noise on the logits, the k largest, then softmax over these (Shazeer et al. 2017, arXiv 1701.06538).
    case noisyTopK = "noisy-top-k"
}
