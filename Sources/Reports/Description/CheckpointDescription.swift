public import Figures

/// The checkpoint that the weights of a run come from.
public struct CheckpointDescription: Codable, Equatable, Sendable {
    /// Name of the file, folder or index; `config.yaml` has its path.
    public var file: String
    /// The family whose names and layouts were used, for example `mixtral`.
    public var family: String
    /// Numbers of the layers in the checkpoint, in the order of the run.
    public var layers: [Int]

    /// Layers of a checkpoint.
    public init(file: String, family: String, layers: [Int]) {
        self.file = file
        self.family = family
        self.layers = layers
    }
}

extension CheckpointDescription: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "family": "The family whose names and layouts were used, for example `mixtral`.",
        "file": "Name of the file, folder or index; `config.yaml` has its path.",
        "layers": "Numbers of the layers in the checkpoint, in the order of the run.",
    ]
}
