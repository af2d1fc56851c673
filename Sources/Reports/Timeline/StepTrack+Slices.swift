import Records

extension StepTrack {
    /// Slices that the step adds to a timeline.
    var slices: Int {
        let steps = (layers.first?.ranks.count ?? 0) + (coordinator.isEmpty ? 0 : 1)
        return layers.reduce(steps + coordinator.count) { sum, layer in
            let ranks = layer.ranks.reduce(sum) { $0 + 1 + $1.pieces.count + ChunkLeg.allCases.count * $1.chunks.count }
            return ranks + (coordinator.isEmpty ? 0 : 1 + layer.coordinatorPieces.count)
        }
    }
}

extension LayerTrack {
    /// The phases of the coordinator, which every rank has.
    var coordinatorPieces: [PhasePiece] {
        (ranks.first?.pieces ?? []).filter { !Phase.ofRank.contains($0.phase) }
    }
}
