import MoE

/// What is published of the router of one model; nil where nothing is.
struct RouterFacts: Equatable, Sendable {
    /// The router that routes as the model does, by its name in the router catalogue.
    var rule: String?
    /// The score function.
    var score: String?
    /// Whether the k weights are divided by their sum, and how where that is not the whole story.
    var normalize: Bool?
    var normalizeNote: String?
    /// What multiplies every weight.
    var scale: Double?
    /// The selection method by the name of the model's own configuration.
    var method: String?
    /// Expert groups, how many of them a token may use, and what ranks them.
    var groups: Int?
    var topGroups: Int?
    var groupScore: String?
    /// The levels of a hierarchical router.
    var hierarchy: String?
    /// Groups of the first level, of a hierarchical router.
    var hierarchyGroups: Int?
    /// Whether the logits carry a bias per expert.
    var logitBias: Bool?
    /// When a second choice is used.
    var secondChoice: String?
    /// Coefficients of the balance losses.
    var importanceLoss: Double?
    var loadLoss: Double?
    var auxLoss: Double?
    var auxLossHub: Double?
    var auxLevel: String?
    var zLoss: Double?
    var sequenceLoss: Double?
    var expertLoss: Double?
    var deviceLoss: Double?
    var communicationLoss: Double?
    /// Devices of the losses and the drop by device, and the budget of one relative to its average.
    var devices: Int?
    var deviceCapacity: Double?
    /// The step of the selection bias, in most of the training and at its end.
    var biasStep: Double?
    var biasStepLate: Double?
    /// Relative noise on the router's input in training.
    var jitter: Double?
    /// Whether the authors say that nothing is dropped.
    var dropless: Bool?
    /// Which copies come first where the router drops nothing by itself.
    var drop: DropPolicy?
    /// Capacity factors in training and evaluation, as the source defines them.
    var capacityTrain: Double?
    var capacityEval: Double?
    /// Slots that an expert has at least.
    var minCapacity: Int?
    /// Tokens among which one contest for capacity is held.
    var groupSize: Int?
    /// Anything else.
    var note: String?

    /// A router of which nothing is known.
    init() {}
}
