public import Records
public import MoE

/// The decisions of a router in one layer over all steps.
public struct RoutedLayer: Sendable {
    /// Number of the layer in the file.
    public var number: Int
    /// The tensor that the logits come from.
    public var tensor: String
    /// One record per step.
    public var steps: [LayerRecord]
    /// How the choices compare with recorded ones; nil where none were recorded.
    public var agreement: ChoiceAgreement?

    /// A layer without steps.
    public init(number: Int, tensor: String, agreement: ChoiceAgreement? = nil) {
        self.number = number
        self.tensor = tensor
        self.steps = []
        self.agreement = agreement
    }
}
