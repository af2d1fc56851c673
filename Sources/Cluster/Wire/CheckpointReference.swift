/// Layers of a checkpoint, as a coordinator names them to its workers.
public struct CheckpointReference: Codable, Equatable, Sendable {
    /// File, folder or index, absolute; every worker reads it under this path.
    public var path: String
    /// The family whose names and layouts are used.
    public var family: String
    /// Numbers of the layers in the checkpoint, in the order of the run.
    public var layers: [Int]
    /// When its files were changed, as the coordinator sees it, in nanoseconds since 1970: a worker that stays must not
    /// keep weights that have been overwritten.
    public var changed: Int64

    /// Layers of a checkpoint.
    public init(path: String, family: String, layers: [Int], changed: Int64) {
        self.path = path
        self.family = family
        self.layers = layers
        self.changed = changed
    }
}
