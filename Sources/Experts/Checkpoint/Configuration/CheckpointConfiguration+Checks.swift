import Basics
internal import MoE
internal import Tensors

extension CheckpointConfiguration {
    /// Checks that the configuration and the tensors of a layer speak of the same model.
    ///
    /// - Throws: ``CheckpointError`` that says what differs: experts, hidden, the experts' inner width, or what stands
    ///   between their matrices.
    public func check(against layer: CheckpointLayer) throws(CheckpointError) {
        try compare(experts, layer.experts, "experts", layer)
        try compare(hidden, layer.hidden, "hidden values per token", layer)
        try compare(expertFFN, layer.expertShape.ffn, "inner values per expert", layer)
        if sharedFFN != 0 { try compare(sharedFFN, layer.sharedShape?.ffn, "inner values of the shared expert", layer) }
        try checkSharedExperts(layer)
        try checkActivation(layer)
    }

    private func checkSharedExperts(_ layer: CheckpointLayer) throws(CheckpointError) {
        guard let sharedExperts else { return }
        guard (sharedExperts > 0) == (layer.sharedShape != nil) else {
            let found = layer.sharedShape == nil ? "has none" : "has some"
            throw failure(layer, "config.json says \(sharedExperts) shared experts; layer \(layer.layer) \(found)")
        }
        // Shared experts are stored as one, which is as wide as all of them.
        let (width, overflow) = sharedExperts.multipliedReportingOverflow(by: expertFFN ?? 0)
        guard sharedFFN == nil, expertFFN != nil, !overflow else { return }
        try compare(width, layer.sharedShape?.ffn, "inner values of \(sharedExperts) shared experts", layer)
    }

    private func compare(
        _ said: Int?,
        _ found: Int?,
        _ what: String,
        _ layer: CheckpointLayer
    ) throws(CheckpointError) {
        guard let said, let found, said != found else { return }
        throw failure(layer, "config.json says \(said) \(what); the tensors of layer \(layer.layer) have \(found)")
    }

    private func checkActivation(_ layer: CheckpointLayer) throws(CheckpointError) {
        let family = layer.family
        let allowed = Self.names(of: family.activation)
        if let activation, !allowed.contains(activation) {
            let expected = "family \(family.name) is computed with \(allowed.joined(separator: " or "))"
            throw failure(layer, "config.json says activation \(Quoted.text(activation)); \(expected)")
        }
        guard family.activation == .clampedSwiglu else { return }
        if let swigluLimit, swigluLimit != 7 {
            throw failure(layer, "config.json says swiglu_limit \(swigluLimit); only 7 is computed")
        }
        if let swigluAlpha, swigluAlpha != 1.702 {
            throw failure(layer, "config.json says swiglu_alpha \(swigluAlpha); only 1.702 is computed")
        }
    }

    /// What configurations call an activation.
    private static func names(of activation: Activation) -> [String] {
        switch activation {
        case .swiglu, .clampedSwiglu: ["silu", "swish"]
        case .geglu, .gelu: ["gelu", "gelu_new", "gelu_tanh", "gelu_pytorch_tanh"]
        case .relu: ["relu"]
        }
    }

    private func failure(_ layer: CheckpointLayer, _ message: String) -> CheckpointError {
        CheckpointError(path: layer.path, message: message)
    }
}
