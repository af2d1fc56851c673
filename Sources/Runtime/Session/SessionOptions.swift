public import MoE
public import Placement

/// The options of a run beside its configuration: verification, saved outputs, placement, forms of products.
public struct SessionOptions: Sendable {
    /// Recompute every token by a plain loop and compare.
    public var verifies: Bool
    /// Where outputs are saved, if they are.
    public var outputsPath: String?
    /// Chooses the forms of a run's products before any worker starts. One that chooses none leaves each process to take
    /// the first form that keeps bits.
    public var chooseForms: @Sendable ([ProductShape]) throws(RuntimeError) -> ProductForms
    /// Where the experts of each layer are, or nil for the policy of the configuration.
    public var placement: Placement?
    /// Whether the workers run on this machine, and share its memory.
    public var startsWorkers: Bool

    /// Options of a run.
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
