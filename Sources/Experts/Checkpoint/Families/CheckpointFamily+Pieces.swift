internal import Basics

/// The parts that some layers of a family have and others lack.
extension CheckpointFamily {
    /// A part of a layer that some checkpoints of a family have and others lack.
    enum Piece: CaseIterable {
        case routerBias
        case selectionBias
        case sharedExpert
    }

    /// This family without the optional parts of a layer that are not used, or, where no key says it, are not there.
    func stored(in checkpoint: Checkpoint, layerPrefix: String) -> CheckpointFamily {
        var family = self
        for piece in Piece.allCases where optional.contains(piece) {
            let isThere = names(of: piece).contains { checkpoint.contains(layerPrefix + block + $0) }
            guard !(usage(of: piece, in: checkpoint)?.isUsed ?? isThere) else { continue }
            switch piece {
            case .routerBias: family.routerBias = nil
            case .selectionBias: family.selectionBias = nil
            case .sharedExpert: family.shared = nil
            }
        }
        return family
    }

    /// The names of the tensors of an optional part, behind the prefix of the block.
    private func names(of piece: Piece) -> [String] {
        switch piece {
        case .routerBias: [routerBias].compactMap { $0 }
        case .selectionBias: [selectionBias].compactMap { $0 }
        case .sharedExpert: shared?.tensorNames ?? []
        }
    }

    /// The key that says whether an optional part is used, and what it says, or its class, which does not use what it has
    /// no key for; nil where nothing says it.
    private func usage(of piece: Piece, in checkpoint: Checkpoint) -> (key: String, isUsed: Bool)? {
        guard let key = flags[piece], let given = checkpoint.flags else { return nil }
        if let isUsed = given[key] { return (key, isUsed) }
        return (key, defaults?.values[key] == .bool(true))
    }

    /// A sentence for each optional part whose tensors are there and are not used, as `config.json` says so.
    func unusedNotes(in checkpoint: Checkpoint, layerPrefix: String) -> [String] {
        Piece.allCases.filter(optional.contains).compactMap { piece in
            let there = names(of: piece).map { layerPrefix + block + $0 }.filter(checkpoint.contains)
            guard let (key, isUsed) = usage(of: piece, in: checkpoint), !isUsed, !there.isEmpty else { return nil }
            return "\(Quoted.list(there)) is not used, as \(key) is false"
        }
    }
}
