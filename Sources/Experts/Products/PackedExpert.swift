/// One expert's weights, packed for an ``ExpertKernel``.
public final class PackedExpert {
    let gate: PackedWeights?
    let up: PackedWeights
    let down: PackedWeights

    init(gate: PackedWeights?, up: PackedWeights, down: PackedWeights) {
        self.gate = gate
        self.up = up
        self.down = down
    }

    /// Bytes that the packed matrices and the biases take.
    public var byteCount: Int {
        (gate?.byteCount ?? 0) + up.byteCount + down.byteCount
    }
}
