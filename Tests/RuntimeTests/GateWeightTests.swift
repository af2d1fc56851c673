import Cluster
import Configuration
import Foundation
import Records
import Runtime
import Tensors
import TestSupport
import Testing

/// Gate weights multiplied in by the workers or by the coordinator, over whole runs.
@Suite struct GateWeightTests {
    private func outputs(_ side: GateWeightSide, _ dtype: NumberFormat) async throws -> (
        digest: String, values: [Float]
    ) {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let path = "\(folder.path)/o.safetensors"
        let configuration = smallConfiguration {
            $0.cluster.gateWeights = side
            $0.cluster.payload = dtype
            $0.model.dtype = dtype
            $0.model.layers = 1
            $0.run.steps = 1
        }
        let outcome = try await InProcessRun.run(configuration, options: SessionOptions(outputsPath: path))
        #expect(outcome.end == .completed)
        let values = try SafetensorsFile(path: path).tensor(named: "layers.0.output").floats(rows: 0..<24)
        return (try #require(outcome.outputDigest), values)
    }

    @Test func bothSidesGiveTheSameBitsInSinglePrecision() async throws {
        let coordinator = try await outputs(.coordinator, .f32)
        let worker = try await outputs(.worker, .f32)
        #expect(coordinator.digest == worker.digest)
    }

    /// Products in one type and rows in another, either way.
    @Test(arguments: [(NumberFormat.f32, NumberFormat.bf16), (.bf16, .f32)])
    func rowsMayHaveAnotherTypeThanProducts(model: NumberFormat, payload: NumberFormat) async throws {
        for side in GateWeightSide.allCases {
            let configuration = smallConfiguration {
                $0.cluster.gateWeights = side
                $0.cluster.payload = payload
                $0.model.dtype = model
            }
            let outcome = try await InProcessRun.run(configuration, options: SessionOptions(verifies: true))
            #expect(outcome.end == .completed)
            #expect(outcome.wrongTokens == 0)
        }
    }

    @Test func bothSidesAgreeWithinRoundingInBFloat16() async throws {
        let coordinator = try await outputs(.coordinator, .bf16)
        let worker = try await outputs(.worker, .bf16)
        let largest = coordinator.values.map(abs).max() ?? 0
        #expect(largest > 0.1)
        var difference: Float = 0
        for (one, other) in zip(coordinator.values, worker.values) { difference = max(difference, abs(one - other)) }
        // Each of two copies is rounded once, by 2^-9 of itself, before its weight or after it.
        #expect(difference > 0)
        #expect(difference <= 4 * largest * 0x1p-9)
    }
}
