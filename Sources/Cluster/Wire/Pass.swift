/// The direction of tokens through the layers. The raw values are the wire format.
public enum Pass: UInt8, CaseIterable, Sendable {
    /// From the first layer to the last: tokens in, outputs back.
    case forward = 0
    /// From the last to the first: gradients of outputs in, those of inputs back. No worker computes it yet.
    case backward = 1
}
