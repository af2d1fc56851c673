import Basics
internal import Tensors

extension CheckpointFamily {
    /// What stands in front of everything of one layer.
    ///
    /// - Throws: ``CheckpointError`` when the checkpoint has no layer of this family, or not this one.
    func prefix(ofLayer layer: Int, in checkpoint: Checkpoint) throws(CheckpointError) -> String {
        let layers = layers(of: checkpoint)
        if let found = layers.first(where: { $0.number == layer }) { return found.prefix }
        guard layers.isEmpty else {
            let there = rangeList(layers.map(\.number))
            let message = "has no mixture-of-experts layer \(layer) of family \(name); its layers are \(there)"
            throw CheckpointError(path: checkpoint.path, message: message)
        }
        let wanted = Quoted.text(layerPrefixes[0] + block + router)
        throw misfit(checkpoint, "there is no \(wanted) of any layer")
    }

    /// The layout of a layer's experts, after a look at what else is there.
    ///
    /// - Throws: ``CheckpointError`` when something is missing or nothing of this family has a place for something.
    func checkedLayout(in checkpoint: Checkpoint, layerPrefix: String) throws(CheckpointError) -> ExpertLayout {
        if let missing = missingTensor(in: checkpoint, layerPrefix: layerPrefix) {
            // Where only another family fits, the family is wrong; else the checkpoint, or this layer, is not complete.
            let isWrong = Self.all.contains { $0.fits(checkpoint) } && !fits(checkpoint)
            guard isWrong else { throw checkpoint.missing(missing) }
            throw misfit(checkpoint, "there is no \(Quoted.text(missing))")
        }
        if let unknown = unknownTensor(in: checkpoint, layerPrefix: layerPrefix) {
            throw misfit(checkpoint, "it has no place for \(Quoted.text(unknown))")
        }
        guard let layout = layout(in: checkpoint, layerPrefix: layerPrefix) else {
            throw misfit(checkpoint, "there are no experts")
        }
        return layout
    }

    private func misfit(_ checkpoint: Checkpoint, _ reason: String) -> CheckpointError {
        let message = "does not fit family \(name): \(reason); \(Self.fitting(checkpoint))"
        return CheckpointError(path: checkpoint.path, message: message)
    }
}
