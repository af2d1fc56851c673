extension CheckpointFamily {
    /// Layers of a checkpoint that have a router under one of the family's prefixes, ascending, each with its prefix.
    func layers(of checkpoint: Checkpoint) -> [(number: Int, prefix: String)] {
        for layerPrefix in layerPrefixes {
            let pattern = NamePattern(layerPrefix + block + router, placeholder: NamePattern.layer)
            let prefixes = NamePattern(layerPrefix, placeholder: NamePattern.layer)
            let found = checkpoint.names(withPrefix: pattern.prefix).compactMap { pattern.number(in: $0) }.sorted()
            let layers = found.map { (number: $0, prefix: prefixes.name($0)) }.filter { layer in
                predictionMarker.map { !checkpoint.contains(layer.prefix + $0) } ?? true
            }
            if !layers.isEmpty { return layers }
        }
        return []
    }

    /// The family without the optional pieces of which a layer has no tensor.
    func stored(in checkpoint: Checkpoint, layerPrefix: String) -> CheckpointFamily {
        func lacks(_ names: [String]) -> Bool {
            names.allSatisfy { !checkpoint.contains(layerPrefix + block + $0) }
        }
        var family = self
        if optional.contains(.routerBias), lacks([routerBias].compactMap { $0 }) { family.routerBias = nil }
        if optional.contains(.sharedExpert), lacks(shared?.tensorNames ?? []) { family.shared = nil }
        return family
    }

    /// The layout of which the tensors of expert 0 exist, or nil.
    func layout(in checkpoint: Checkpoint, layerPrefix: String) -> ExpertLayout? {
        experts.first { layout in
            layout.tensorNames.allSatisfy { checkpoint.contains(Self.name(layerPrefix + block + $0, expert: 0)) }
        }
    }

    /// A tensor that the family needs in this layer and that is not there, or nil.
    func missingTensor(in checkpoint: Checkpoint, layerPrefix: String) -> String? {
        let stored = stored(in: checkpoint, layerPrefix: layerPrefix)
        var needed = stored.fixedNames.map { layerPrefix + $0 }
        if layout(in: checkpoint, layerPrefix: layerPrefix) == nil {
            needed += experts[0].tensorNames.map { Self.name(layerPrefix + block + $0, expert: 0) }
        }
        return needed.first { !checkpoint.contains($0) }
    }

    /// A tensor of the layer's block for which the family has no place, or nil.
    func unknownTensor(in checkpoint: Checkpoint, layerPrefix: String) -> String? {
        let own = fixedNames + experts.flatMap(\.tensorNames).map { block + $0 }
        let patterns = own.flatMap { [$0, $0 + Float8Scales.suffix] }.map {
            NamePattern(layerPrefix + $0, placeholder: NamePattern.expert)
        }
        return checkpoint.names(withPrefix: layerPrefix + block).first { name in
            !patterns.contains { $0.matches(name) }
        }
    }

    /// Numbers of the layers of a checkpoint that have a router of this family, ascending.
    public func layerNumbers(in checkpoint: Checkpoint) -> [Int] {
        layers(of: checkpoint).map(\.number)
    }

    /// True when some layer of a checkpoint has what the family needs and nothing else.
    public func fits(_ checkpoint: Checkpoint) -> Bool {
        guard let layer = layers(of: checkpoint).first else { return false }
        return missingTensor(in: checkpoint, layerPrefix: layer.prefix) == nil
            && unknownTensor(in: checkpoint, layerPrefix: layer.prefix) == nil
    }

    /// Names of all families that fit a checkpoint, or `none` in words.
    static func fitting(_ checkpoint: Checkpoint) -> String {
        let names = all.filter { $0.fits(checkpoint) }.map(\.name)
        return names.isEmpty ? "no known family fits" : "what fits is \(names.joined(separator: ", "))"
    }

    /// A name with an expert's number in it.
    static func name(_ name: String, expert: Int) -> String {
        NamePattern(name, placeholder: NamePattern.expert).name(expert)
    }

    /// Names behind the layer's prefix of what every layer has once.
    private var fixedNames: [String] {
        let inBlock = [router, routerBias, selectionBias, sharedGate, outputBias].compactMap { $0 }
        let inLayer = [dense?.norm, dense?.expertNorm].compactMap { $0 } + (dense?.layout.tensorNames ?? [])
        return (inBlock + (shared?.tensorNames ?? [])).map { block + $0 } + inLayer
    }
}
