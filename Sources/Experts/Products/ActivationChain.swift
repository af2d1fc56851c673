internal import MoE

/// An activation as the operations that follow the gate product and the up product.
struct ActivationChain {
    /// The operations on the results of the gate product, or nil when the activation has no gate.
    let gate: [PostOperation]?
    /// The operations on the results of the up product.
    let up: [PostOperation]

    init(_ activation: Activation) {
        switch activation {
        case .swiglu:
            gate = [.swish(alpha: 1)]
            up = [.multiplyByMatrix]
        case .geglu:
            gate = [.geluTanh]
            up = [.multiplyByMatrix]
        case .clampedSwiglu:
            gate = [.clip(lower: -.greatestFiniteMagnitude, upper: 7), .swish(alpha: 1.702)]
            up = [.clip(lower: -7, upper: 7), .add(1), .multiplyByMatrix]
        case .gelu:
            gate = nil
            up = [.geluTanh]
        case .relu:
            gate = nil
            up = [.relu]
        }
    }
}
