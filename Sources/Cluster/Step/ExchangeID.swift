/// The name of an exchange: one layer of one micro-batch of one pass of a step.
public struct ExchangeID: Hashable, Sendable, CustomStringConvertible {
    /// Step of the run, warm-up included.
    public var step: UInt32
    /// Which way through the layers.
    public var pass: Pass
    /// Layer of the step.
    public var layer: UInt32
    /// Micro-batch of the step.
    public var batch: UInt32

    /// An exchange.
    public init(step: Int, layer: Int, batch: Int, pass: Pass = .forward) {
        self.step = UInt32(step)
        self.pass = pass
        self.layer = UInt32(layer)
        self.batch = UInt32(batch)
    }

    /// The exchange that a dispatch or result says it belongs to.
    init(_ envelope: Envelope) {
        step = envelope.step
        pass = envelope.pass
        layer = envelope.layer
        batch = envelope.batch
    }

    /// `layer 3 of step 7, micro-batch 1`; the forward pass and the first micro-batch go without saying.
    public var description: String {
        "layer \(layer) of \(pass == .forward ? "" : "the \(pass) pass of ")step \(step)"
            + (batch == 0 ? "" : ", micro-batch \(batch)")
    }
}

/// The direction of tokens through the layers. The raw values are the wire format.
public enum Pass: UInt8, CaseIterable, Sendable {
    /// From the first layer to the last: tokens in, outputs back.
    case forward = 0
    /// From the last to the first: gradients of outputs in, those of inputs back. No worker computes it yet.
    case backward = 1
}
