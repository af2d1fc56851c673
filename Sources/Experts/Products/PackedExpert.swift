/// One expert's weights, packed for an ``ExpertKernel``.
public final class PackedExpert {
    let gate: HeldWeights?
    let up: HeldWeights
    let down: HeldWeights

    init(gate: HeldWeights?, up: HeldWeights, down: HeldWeights) {
        self.gate = gate
        self.up = up
        self.down = down
    }

    /// Bytes that the packed matrices and the biases take.
    public var byteCount: Int {
        (gate?.byteCount ?? 0) + up.byteCount + down.byteCount
    }
}
