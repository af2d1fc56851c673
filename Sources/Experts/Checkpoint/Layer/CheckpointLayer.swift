public import MoE
public import Tensors

/// One mixture-of-experts layer of a checkpoint: its shape, and its weights one piece at a time.
///
/// Making a layer reads shapes, not weights. Each call reads what it returns and lets go of the mapped file again, so
/// that memory holds no more than what the caller keeps.
public struct CheckpointLayer: Sendable {
    /// The family whose names and layouts are used, without the optional parts that this layer lacks.
    public let family: CheckpointFamily
    /// The layer's number in the checkpoint.
    public let layer: Int
    /// Routed experts with weights, E: the rows of the router, without identity experts.
    public let experts: Int
    /// Identity experts, Z: the last rows of the router.
    public let identityExperts: Int
    /// Width of a token, H: the columns of the router.
    public let hidden: Int
    /// Shape of a routed expert.
    public let expertShape: ExpertShape
    /// Shape of all shared experts in one, or nil when the family has none.
    public let sharedShape: ExpertShape?
    /// Shape of the dense network beside the experts, or nil when the family has none.
    public let denseShape: ExpertShape?

    /// A sentence for each part of the layer that is there and not used.
    let unusedNotes: [String]

    private let reader: TensorReader
    private let prefix: String
    private let routed: ExpertReader
    private let shared: ExpertReader?
    private let dense: ExpertReader?

    /// The checkpoint, as the caller named it.
    public var path: String { reader.checkpoint.path }

    private var block: String { prefix + family.block }

    /// Open one layer: find its tensors and check their shapes.
    ///
    /// - Parameters:
    ///   - checkpoint: the checkpoint that holds the layer.
    ///   - family: the names and layouts in which the layer is stored.
    ///   - layer: the layer's number in the checkpoint.
    ///   - clamp: the numbers of a clamped activation; those of gpt-oss when nil.
    /// - Throws: ``CheckpointError`` when the family does not fit, the layer does not exist, or a tensor is missing or
    ///   has another shape.
    public init(
        checkpoint: Checkpoint,
        family: CheckpointFamily,
        layer: Int,
        clamp: GateClamp? = nil
    ) throws(CheckpointError) {
        let prefix = try family.prefix(ofLayer: layer, in: checkpoint)
        let layout = try family.checkedLayout(in: checkpoint, layerPrefix: prefix)
        unusedNotes = family.unusedNotes(in: checkpoint, layerPrefix: prefix)
        let family = family.stored(in: checkpoint, layerPrefix: prefix)
        let block = prefix + family.block
        let reader = TensorReader(checkpoint: checkpoint)
        let router = try checkpoint.tensor(named: block + family.router)
        guard router.shape.count == 2, router.shape.allSatisfy({ $0 > 0 }) else {
            throw reader.failure(router, "has shape \(router.shape); expected [experts, hidden]")
        }
        let (ranked, hidden) = (router.shape[0], router.shape[1])
        let experts = family.hasIdentityExperts ? Self.stored(checkpoint, layout, block, of: ranked) : ranked
        try Self.checkNames(checkpoint, layout, block, experts: experts, ranked: ranked)
        let routed = ExpertReader(reader: reader, layout: layout, prefix: block, experts: experts)
        let shared = family.shared.map { ExpertReader(reader: reader, layout: $0, prefix: block, experts: 1) }
        let dense = family.dense.map { ExpertReader(reader: reader, layout: $0.layout, prefix: prefix, experts: 1) }
        func shape(_ expert: ExpertReader?) throws(CheckpointError) -> ExpertShape? {
            guard let expert else { return nil }
            return try expert.shape(hidden: hidden, activation: family.activation, clamp: clamp)
        }
        expertShape = try routed.shape(hidden: hidden, activation: family.activation, clamp: clamp)
        sharedShape = try shape(shared)
        denseShape = try shape(dense)
        (self.family, self.layer, self.experts, self.hidden) = (family, layer, experts, hidden)
        identityExperts = ranked - experts
        (self.reader, self.prefix, self.routed, self.shared, self.dense) = (reader, prefix, routed, shared, dense)
    }

    /// Check shapes and types of the matrices of all experts and of the router, without reading weights.
    ///
    /// This reads the header of every file that holds one of the matrices, which making a layer does not.
    public func checkExperts() throws(CheckpointError) {
        for expert in 0..<experts { try routed.check(expert, shape: expertShape) }
        if let sharedShape { try shared?.check(0, shape: sharedShape) }
        if let denseShape { try dense?.check(0, shape: denseShape) }
        let others = [
            (family.router, routerShapes), (family.routerBias, biasShapes), (family.selectionBias, selectionShapes),
            (family.sharedGate, sharedGateShapes), (family.outputBias, vectorShapes),
        ]
        for case (let name?, let shapes) in others { try reader.checked(block + name, shapes: shapes) }
        for name in [family.dense?.norm, family.dense?.expertNorm].compactMap(\.self) {
            try reader.checked(prefix + name, shapes: vectorShapes)
        }
    }

    /// Read the gate, biases and norms, and the experts' weights where asked, and check that all numbers are finite.
    ///
    /// - Throws: ``CheckpointError`` with the tensor, and the indices of the first number that is not.
    public func checkValues(ofExperts: Bool) throws(CheckpointError) {
        _ = try routerProjection()
        for read in [routerBias, selectionBias, outputBias, sharedGate, denseNorm, expertNorm] { _ = try read() }
        guard ofExperts else { return }
        for expert in 0..<experts { try routed.checkFinite(expert, shape: expertShape) }
        if let sharedShape { try shared?.checkFinite(0, shape: sharedShape) }
        if let denseShape { try dense?.checkFinite(0, shape: denseShape) }
    }

    /// Whether the first expert is stored in F8_E4M3.
    var isInFloat8: Bool { routed.isInFloat8 }

    /// Experts that the router ranks, E + Z.
    private var candidates: Int { experts + identityExperts }
    private var routerShapes: [[Int]] { [[candidates, hidden]] }
    private var biasShapes: [[Int]] { [[candidates]] }
    private var selectionShapes: [[Int]] { [[candidates], [1, candidates]] }
    private var sharedGateShapes: [[Int]] { [[1, hidden], [hidden]] }
    private var vectorShapes: [[Int]] { [[hidden]] }

    /// The gate `[experts, hidden]`, identity experts last.
    public func routerProjection() throws(CheckpointError) -> Matrix {
        let values = try reader.values(block + family.router, shapes: routerShapes)
        return Matrix(rows: candidates, columns: hidden, values: values)
    }

    /// The bias of the logits, `[experts]`; nil when the family has none.
    public func routerBias() throws(CheckpointError) -> [Float]? {
        try vector(family.routerBias, biasShapes)
    }

    /// The bias that is added to the scores for the selection only, `[experts]`; nil when the family has none.
    public func selectionBias() throws(CheckpointError) -> [Float]? {
        try vector(family.selectionBias, selectionShapes)
    }

    /// The bias that is added once to the weighted sum of the experts, `[hidden]`; nil when the family has none.
    public func outputBias() throws(CheckpointError) -> [Float]? {
        try vector(family.outputBias, vectorShapes)
    }

    /// The gate of the shared expert, `[hidden]`: the sigmoid of its product with a token weighs the expert; nil when
    /// the family has none.
    public func sharedGate() throws(CheckpointError) -> [Float]? {
        try vector(family.sharedGate, sharedGateShapes)
    }

    /// The scale of the RMS norm of the dense network's input, `[hidden]`; nil when the family has none.
    public func denseNorm() throws(CheckpointError) -> [Float]? {
        guard let norm = family.dense?.norm else { return nil }
        return try reader.values(prefix + norm, shapes: vectorShapes)
    }

    /// The scale of the RMS norm of the input of router and experts, `[hidden]`, where the dense network has another
    /// input; nil when the family has none.
    public func expertNorm() throws(CheckpointError) -> [Float]? {
        guard let norm = family.dense?.expertNorm else { return nil }
        return try reader.values(prefix + norm, shapes: vectorShapes)
    }

    /// The weights of one routed expert.
    ///
    /// - Throws: ``CheckpointError`` when the expert does not exist, or a tensor has another shape or dtype than it
    ///   should have.
    public func expertParameters(_ expert: Int) throws(CheckpointError) -> ExpertParameters {
        guard (0..<experts).contains(expert) else {
            let message = "layer \(layer) has experts 0–\(experts - 1), not \(expert)"
            throw CheckpointError(path: reader.checkpoint.path, message: message)
        }
        return try routed.parameters(expert, shape: expertShape)
    }

    /// The weights of all shared experts in one; nil when the family has none.
    public func sharedExpertParameters() throws(CheckpointError) -> ExpertParameters? {
        guard let shared, let sharedShape else { return nil }
        return try shared.parameters(0, shape: sharedShape)
    }

    /// The weights of the dense network beside the experts; nil when the family has none.
    public func denseParameters() throws(CheckpointError) -> ExpertParameters? {
        guard let dense, let denseShape else { return nil }
        return try dense.parameters(0, shape: denseShape)
    }

    private func vector(_ name: String?, _ shapes: [[Int]]) throws(CheckpointError) -> [Float]? {
        guard let name else { return nil }
        return try reader.values(block + name, shapes: shapes)
    }

    /// The number of experts up to the last one that has a down matrix; behind it stand the identity experts.
    private static func stored(_ checkpoint: Checkpoint, _ layout: ExpertLayout, _ block: String, of ranked: Int) -> Int
    {
        let pattern = NamePattern(block + layout.down.name, placeholder: NamePattern.expert)
        return 1 + ((0..<ranked).last { checkpoint.contains(pattern.name($0)) } ?? 0)
    }

    /// Check that there are tensors for all experts with weights, and none for more experts than the router has rows.
    private static func checkNames(
        _ checkpoint: Checkpoint,
        _ layout: ExpertLayout,
        _ block: String,
        experts: Int,
        ranked: Int
    ) throws(CheckpointError) {
        for name in layout.tensorNames where name.contains(NamePattern.expert) {
            let pattern = NamePattern(block + name, placeholder: NamePattern.expert)
            for expert in 0..<experts where !checkpoint.contains(pattern.name(expert)) {
                throw checkpoint.missing(pattern.name(expert))
            }
            let beyond = pattern.name(ranked)
            if checkpoint.contains(beyond) {
                let message = "is there, but the router has \(ranked) rows, one for each expert from 0"
                throw CheckpointError(path: checkpoint.path, tensor: beyond, message: message)
            }
        }
    }
}
