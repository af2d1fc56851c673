/// The source of a worker's weights; none of them cross the wire.
public enum WeightSource: Codable, Equatable, Sendable {
    /// They are a function of this seed.
    case seed(UInt64)
    /// They stand in a checkpoint that the worker can read.
    case checkpoint(CheckpointReference)
}
