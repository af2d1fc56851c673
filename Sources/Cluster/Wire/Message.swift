/// A received message as the state machines see it: the header, and the bytes of a control payload.
///
/// Rows stay with the shell; the machines only decide about them.
public struct Message: Equatable, Sendable {
    /// The header.
    public var envelope: Envelope
    /// The JSON of a control message; empty for rows.
    public var control: [UInt8]

    /// A message whose control payload is `control`.
    public init(envelope: Envelope, control: [UInt8] = []) {
        self.envelope = envelope
        self.control = control
    }
}
