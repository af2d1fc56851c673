public import MoE
public import Placement

/// The options of a run beside its configuration: verification, saved outputs, placement, forms of products.
public struct SessionOptions: Sendable {
    /// Whether every token is recomputed by a plain loop and compared with the output of the run.
    public var verifies: Bool
    /// The path of the file of saved outputs, or nil to save none.
    public var outputsPath: String?
    /// A function that chooses the forms of the run's matrix products, called before any worker starts. For a shape
    /// without a chosen form each process takes the first form that keeps the bits of the outputs.
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

    /// Whether the inputs and outputs of all layers of a step are kept, to be checked or saved.
    var keepsLayers: Bool { verifies || outputsPath != nil }
}
