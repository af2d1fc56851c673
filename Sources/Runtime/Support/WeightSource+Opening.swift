internal import Cluster
internal import Experts
internal import MoE

extension WeightSource {
    /// The weights, ready to be made or read; of a checkpoint, names and shapes are read now.
    ///
    /// - Parameters:
    ///   - model: the shape that they must have.
    ///   - gateDeviation: standard deviation of seeded logits; only whoever routes needs it.
    /// - Throws: ``CheckpointError`` when a checkpoint cannot be read, or is not of that shape.
    func open(model: ModelShape, gateDeviation: Float = 1) throws(CheckpointError) -> any ExpertSource {
        switch self {
        case .seed(let seed):
            return SeededSource(seed: seed, shape: model, gateDeviation: gateDeviation)
        case .checkpoint(let reference):
            let source = try CheckpointSource(
                checkpoint: Checkpoint(path: reference.path),
                family: .named(reference.family),
                layers: reference.layers
            )
            var found = source.shape
            found.outputScale = model.outputScale
            guard found == model else {
                throw CheckpointError(path: reference.path, message: "holds \(found); the run needs \(model)")
            }
            return source
        }
    }
}
