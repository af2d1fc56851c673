public import MoE
public import Placement

/// The options of a run beside its configuration: verification, saved outputs, placement, forms of products.
public struct SessionOptions: Sendable {
    /// Whether every token is recomputed by a plain loop and compared.
    public var verifies: Bool
    /// The path of the file of saved outputs, or nil to save none.
    public var outputsPath: String?
    /// The choice of the forms of a run's products, made before any worker starts. A choice of none leaves each process
    /// to take the first form that keeps bits.
    public var chooseForms: @Sendable ([ProductShape]) throws(RuntimeError) -> ProductForms
    /// The placement of each layer's experts, or nil for the policy of the configuration.
    public var placement: Placement?
    /// Whether the workers run on this machine, and share its memory.
    public var startsWorkers: Bool

    /// The options of one run.
    public init(
        verifies: Bool = false,
        outputsPath: String? = nil,
        placement: Placement? = nil,
        startsWorkers: Bool = false,
        chooseForms: @escaping @Sendable ([ProductShape]) throws(RuntimeError) -> ProductForms = {
            _ throws(RuntimeError) in ProductForms()
        }
    ) {
        self.verifies = verifies
        self.outputsPath = outputsPath
        self.placement = placement
        self.startsWorkers = startsWorkers
        self.chooseForms = chooseForms
    }

    /// Whether all layers of a step are kept.
    var keepsLayers: Bool { verifies || outputsPath != nil }
}
