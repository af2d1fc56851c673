public import Basics

extension Option {
    /// The sentence for a text that this option cannot take.
    public func problem(_ found: String, key: String, at source: Source) -> ConfigurationProblem {
        let hint = nearest(found).map { "did you mean \($0)? " } ?? ""
        return .value(found, of: key, allowed: allowed, hint: hint, at: source)
    }

    /// The environment variable that sets it: `EPSIM_MODEL_LAYERS` for `model.layers`.
    public var environmentName: String {
        "EPSIM_" + key.uppercased().replacing(".", with: "_")
    }
}
