import Experts
import TestSupport
import Testing

extension OracleCase {
    /// The family of the checkpoint.
    func checkpointFamily() throws -> CheckpointFamily {
        let name = try #require(family(among: CheckpointFamily.all.flatMap(\.names)), "no family for \(file.name)")
        // Switch and NLLB count the layers of encoder and decoder apart.
        let isDecoder = json.string("prefix")?.contains("decoder.") == true && !name.hasSuffix("-decoder")
        return try .named(isDecoder ? name + "-decoder" : name)
    }

    /// The layer that was recorded.
    func checkpointLayer() throws -> CheckpointLayer {
        try CheckpointLayer(checkpoint: Checkpoint(path: weights), family: checkpointFamily(), layer: layer())
    }

    /// The config of its model.
    func checkpointConfiguration() throws -> CheckpointConfiguration {
        try CheckpointConfiguration(json: configuration(), path: "\(file.name).json")
    }
}
