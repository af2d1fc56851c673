public import MoE
public import Tensors

/// A stack of layers whose weights stand in a checkpoint.
public struct CheckpointSource: ExpertSource {
    /// The layers in the order of the run.
    public let layers: [CheckpointLayer]
    /// The shape of the stack of layers.
    public let shape: ModelShape

    /// What was taken for granted of how the matrices are stored, and what was not read or is not used, a sentence each.
    public let notes: [String]

    private let path: String

    /// Open the layers; no weights are read.
    ///
    /// - Parameters:
    ///   - checkpoint: the checkpoint that holds the layers.
    ///   - family: the names and layouts in which the layers are stored.
    ///   - layers: the layers' numbers in the checkpoint, in the order of the run.
    ///   - clamp: the numbers of a clamped activation; those of gpt-oss when nil.
    /// - Throws: ``CheckpointError`` when the family does not fit, a layer does not exist, no layer is named, or the
    ///   layers are not of one shape.
    public init(
        checkpoint: Checkpoint,
        family: CheckpointFamily,
        layers numbers: [Int],
        clamp: GateClamp? = nil
    ) throws(CheckpointError) {
        var layers: [CheckpointLayer] = []
        for number in numbers {
            layers.append(try CheckpointLayer(checkpoint: checkpoint, family: family, layer: number, clamp: clamp))
        }
        guard let first = layers.first else {
            throw CheckpointError(path: checkpoint.path, message: "no layer of it is named; at least one is needed")
        }
        for layer in layers where !Self.haveOneShape(first, layer) {
            let message = "layers \(first.layer) and \(layer.layer) differ in shape; all layers of a run must have one"
            throw CheckpointError(path: checkpoint.path, message: message)
        }
        self.layers = layers
        path = checkpoint.path
        let scales = first.isInFloat8 && checkpoint.quantization == .unstated ? [Quantization.assumption] : []
        notes = scales + [family.strangers(in: checkpoint)].compactMap { $0 } + layers.flatMap(\.unusedNotes)
        shape = ModelShape(
            layers: layers.count,
            experts: first.experts,
            identityExperts: first.identityExperts,
            expert: first.expertShape,
            sharedExpert: first.sharedShape,
            hasSharedGate: family.hasSharedGate,
            denseExpert: first.denseShape
        )
    }

    /// Read the gates, biases and norms of all layers, and the experts' weights where asked, and check that all numbers
    /// are finite.
    ///
    /// - Throws: ``CheckpointError`` with file, tensor and indices of the first number that is not.
    public func checkValues(ofExperts: Bool) throws(CheckpointError) {
        for layer in layers { try layer.checkValues(ofExperts: ofExperts) }
    }

    /// All matrices and biases of one expert.
    public func expertParameters(
        of expert: ExpertIdentity,
        layer: Int
    ) throws(CheckpointError) -> ExpertParameters {
        let layer = try self.layer(layer)
        let parameters: ExpertParameters?
        switch expert {
        case .routed(let index): parameters = try layer.expertParameters(index)
        case .shared: parameters = try layer.sharedExpertParameters()
        case .dense: parameters = try layer.denseParameters()
        }
        guard let parameters else {
            throw CheckpointError(path: path, message: "family \(layer.family.name) has no expert \(expert)")
        }
        return parameters
    }

    /// The weights of the router's gate, `[outputs, hidden]`, one matrix for all experts; no other projection of the router
    /// is in a checkpoint.
    public func projection(
        _ projection: RouterProjection,
        outputs: Int,
        layer: Int
    ) throws(CheckpointError) -> Matrix {
        let layer = try self.layer(layer)
        guard projection == .gate else {
            let message = "family \(layer.family.name) has no router projection \(projection); it has the gate only"
            throw CheckpointError(path: path, message: message)
        }
        let matrix = try layer.routerProjection()
        guard matrix.rows == outputs else {
            let message = "the router of layer \(layer.layer) has \(matrix.rows) outputs; \(outputs) are needed"
            throw CheckpointError(path: path, message: message)
        }
        return matrix
    }

    /// The bias of the logits, `[experts]`; nil when the family has none.
    public func routerBias(layer: Int) throws(CheckpointError) -> [Float]? {
        try self.layer(layer).routerBias()
    }

    /// The bias that is added to the scores for the selection only, `[experts]`; nil when the family has none.
    public func selectionBias(layer: Int) throws(CheckpointError) -> [Float]? {
        try self.layer(layer).selectionBias()
    }

    /// The gate of the shared expert, `[hidden]`: the sigmoid of its product with a token weighs the expert; nil when
    /// the family has none.
    public func sharedGate(layer: Int) throws(CheckpointError) -> [Float]? {
        try self.layer(layer).sharedGate()
    }

    /// The gain of the norm in front of router and experts, `[hidden]`; nil when the family has none.
    public func expertNorm(layer: Int) throws(CheckpointError) -> [Float]? {
        try self.layer(layer).expertNorm()
    }

    /// The gain of the norm in front of the dense network, `[hidden]`; nil when the family has none.
    public func denseNorm(layer: Int) throws(CheckpointError) -> [Float]? {
        try self.layer(layer).denseNorm()
    }

    /// The bias that is added once to the weighted sum of the experts, `[hidden]`; nil when the family has none.
    public func outputBias(layer: Int) throws(CheckpointError) -> [Float]? {
        try self.layer(layer).outputBias()
    }

    private func layer(_ index: Int) throws(CheckpointError) -> CheckpointLayer {
        guard layers.indices.contains(index) else {
            let message = "layer \(index) of the run does not exist; there are \(layers.count)"
            throw CheckpointError(path: path, message: message)
        }
        return layers[index]
    }

    private static func haveOneShape(_ one: CheckpointLayer, _ other: CheckpointLayer) -> Bool {
        one.experts == other.experts && one.identityExperts == other.identityExperts
            && one.expertShape == other.expertShape && one.sharedShape == other.sharedShape
            && one.denseShape == other.denseShape
    }
}
