import Experts
import TestSupport
import Testing

extension OracleCase {
    /// The family of the checkpoint.
    func checkpointFamily() throws -> CheckpointFamily {
        let family = try CheckpointFamily.named(family())
        return isInDecoder ? try .named(family.name + "-decoder") : family
    }

    /// The layer that was recorded.
    func checkpointLayer() throws -> CheckpointLayer {
        try CheckpointLayer(
            checkpoint: Checkpoint(path: weights),
            family: checkpointFamily(),
            layer: layer(),
            clamp: checkpointConfiguration().clamp
        )
    }

    /// The config of its model.
    func checkpointConfiguration() throws -> CheckpointConfiguration {
        try CheckpointConfiguration(json: configuration(), path: "\(file.name).json")
    }
}
