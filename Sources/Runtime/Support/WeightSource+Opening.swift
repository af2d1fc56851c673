import Basics
internal import Cluster
internal import Experts
internal import MoE

extension WeightSource {
    /// Open the source of the weights; of a checkpoint, only the names and shapes are read now.
    ///
    /// - Parameters:
    ///   - model: the shape that the weights must have.
    ///   - gateDeviation: standard deviation of seeded logits; needed only for routing.
    /// - Throws: ``CheckpointError`` when a checkpoint cannot be read, or is not of that shape.
    func open(model: ModelShape, gateDeviation: Float = 1) throws(CheckpointError) -> any ExpertSource {
        switch self {
        case .seed(let seed):
            return SeededSource(seed: seed, shape: model, gateDeviation: gateDeviation)
        case .checkpoint(let reference):
            let checkpoint = try Checkpoint(path: reference.path)
            guard checkpoint.storage == reference.storage else {
                let message =
                    "is stored here as \(Quoted.text(checkpoint.storage)), on the coordinator's machine as "
                    + "\(Quoted.text(reference.storage)); the config.json beside it has to be the same"
                throw CheckpointError(path: reference.path, message: message)
            }
            let source = try CheckpointSource(
                checkpoint: checkpoint,
                family: .named(reference.family),
                layers: reference.layers,
                clamp: model.expert.clamp
            )
            var found = source.shape
            found.outputScale = model.outputScale
            guard found == model else {
                throw CheckpointError(path: reference.path, message: found.difference(from: model))
            }
            return source
        }
    }
}

extension ModelShape {
    /// The first difference of a checkpoint's shape from the shape that a run needs, in words.
    fileprivate func difference(from needed: ModelShape) -> String {
        func sizes(_ shape: ModelShape) -> [(String, Int)] {
            [
                ("layers", shape.layers), ("experts", shape.experts),
                ("identity experts", shape.identityExperts), ("hidden values per token", shape.hidden),
                ("inner values per expert", shape.expert.ffn),
                ("inner values of the shared expert", shape.sharedExpert?.ffn ?? 0),
                ("inner values of the dense network", shape.denseExpert?.ffn ?? 0),
            ]
        }
        let pairs = zip(sizes(self), sizes(needed))
        guard let (found, wanted) = pairs.first(where: { $0.1 != $1.1 }) else {
            return "has experts of another kind than the run needs"
        }
        return "has \(found.1) \(found.0); the run needs \(wanted.1)"
    }
}
