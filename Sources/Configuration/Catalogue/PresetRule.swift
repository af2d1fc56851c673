/// Which rule of this version routes as a published model does.
enum PresetRule: String, CaseIterable, Sendable {
    /// ``RouterKind/softmaxTopK`` with the model's own top_k, normalize and scale.
    case softmaxTopK = "softmax-top-k"
    /// ``RouterKind/noisyTopK``.
    case noisyTopK = "noisy-top-k"
    /// None: whoever uses the preset has to choose a rule.
    case other

    /// The routing rule, or nil for ``other``.
    var kind: RouterKind? { RouterKind(rawValue: rawValue) }
}
