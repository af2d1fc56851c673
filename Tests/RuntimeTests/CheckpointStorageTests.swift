import Cluster
import Experts
import Foundation
import MoE
import TestSupport
import Testing

@testable import Runtime

/// A worker that would read a checkpoint's matrices in another way than the coordinator.
@Suite struct CheckpointStorageTests {
    @Test func anotherConfigurationIsRefused() throws {
        let folder = try TemporaryFolder()
        let oracle = try OracleCase.fixture("mixtral")
        let weights = try folder.write(
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: oracle.weights))),
            as: "a.safetensors"
        )
        let shape = try CheckpointSource(
            checkpoint: Checkpoint(path: weights),
            family: .named("mixtral"),
            layers: [3]
        ).shape
        func source(_ storage: String) -> WeightSource {
            .checkpoint(
                CheckpointReference(path: weights, family: "mixtral", layers: [3], changed: 0, storage: storage)
            )
        }
        let here = try Checkpoint.storage(at: weights)
        #expect(here == "no config.json, scales by their shape")
        #expect(failure { _ = try source(here).open(model: shape) } == nil)
        let config =
            #"{"quantization_config": {"quant_method": "fp8", "weight_block_size": [96, 64], "ignore": ["a"]}}"#
        try folder.write(config, as: "config.json")
        #expect(try Checkpoint.storage(at: weights) == "fp8, blocks of 96 x 64, modules that stay: 1")
        let text = failure { _ = try source(here).open(model: shape) }
        #expect(text?.contains("; the config.json beside it has to be the same") == true, "\(text ?? "nothing")")
        try folder.write("{}", as: "config.json")
        #expect(try Checkpoint.storage(at: weights) == "not quantised")
    }
}
