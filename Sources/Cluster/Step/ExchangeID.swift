/// What travels together: one layer of one micro-batch of a step.
public struct ExchangeID: Hashable, Sendable, CustomStringConvertible {
    /// Step of the run, warm-up included.
    public var step: UInt32
    /// Layer of the step.
    public var layer: UInt32
    /// Micro-batch of the step.
    public var batch: UInt32

    /// An exchange.
    public init(step: Int, layer: Int, batch: Int) {
        self.step = UInt32(step)
        self.layer = UInt32(layer)
        self.batch = UInt32(batch)
    }

    /// The exchange that a dispatch or result says it belongs to.
    init(_ envelope: Envelope) {
        step = envelope.step
        layer = envelope.layer
        batch = envelope.batch
    }

    /// `layer 3 of step 7, micro-batch 1`; the first micro-batch goes without saying.
    public var description: String {
        "layer \(layer) of step \(step)" + (batch == 0 ? "" : ", micro-batch \(batch)")
    }
}
