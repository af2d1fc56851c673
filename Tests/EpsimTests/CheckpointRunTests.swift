import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// Checkpoints and inputs whose trouble shows only when they are read.
    @Suite struct CheckpointRunTests {
        private func run(
            _ sandbox: Sandbox,
            weights: String,
            router: String = "mixtral"
        ) async throws -> (code: Int32, errors: String) {
            try sandbox.write(
                "run.yaml",
                """
                model: {checkpoint: \(weights), family: mixtral, layer: 3, norm: none}
                workload: {kind: activations, path: \(try OracleCase.fixture("mixtral").weights), tensor: io.input, tokens: 24}
                router: {kind: \(router)}
                cluster: {workers: 2}
                run: {steps: 1, warmup: 0}

                """
            )
            let result = try await sandbox.epsim("run", "run.yaml", "--out", sandbox.freshOut())
            return (result.code, result.errors)
        }

        @Test func numbersThatAreNotFiniteAreFoundBeforeTheStart() async throws {
            try await Sandbox.use { sandbox in
                let oracle = try OracleCase.fixture("mixtral")
                let file = try SafetensorsFile(path: oracle.weights)
                let name = try #require(file.names.first { $0.hasSuffix("experts.2.w2.weight") })
                let view = try file.tensor(named: name)
                let values = try view.floats(rows: 0..<view.rows)
                var bytes = try Data(contentsOf: URL(fileURLWithPath: oracle.weights))
                let stored = values.flatMap { value in
                    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
                }
                let place = try #require(bytes.range(of: Data(stored)))
                bytes.replaceSubrange(place.lowerBound..<place.lowerBound + 4, with: [0, 0, 0xC0, 0x7F])
                let path = "\(sandbox.work)/nan.safetensors"
                sandbox.expect("nan.safetensors")
                try bytes.write(to: URL(fileURLWithPath: path))
                let (code, errors) = try await run(sandbox, weights: path)
                #expect(code == 78)
                #expect(
                    errors == "epsim: \(path): tensor \"\(name)\": is nan at [0, 0]; finite numbers are allowed\n"
                )
            }
        }

        @Test func hashOfActivationsWithoutTokenIDsIsRefused() async throws {
            try await Sandbox.use { sandbox in
                let weights = try OracleCase.fixture("mixtral").weights
                let (code, errors) = try await run(sandbox, weights: weights, router: "hash")
                #expect(code == 78)
                #expect(errors.contains("router.kind: hash reads token ids, and "), "\(errors)")
            }
        }
    }
}
