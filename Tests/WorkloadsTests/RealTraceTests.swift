import Foundation
import MoE
import TestSupport
import Testing
import Workloads

/// Real routing of DeepSeek-V2-Lite; expected numbers were computed with NumPy.
@Suite(.enabled(if: SharedData.hasTraces, "set EPSIM_TRACES to the folder with deepseek-v2-lite.*.safetensors"))
struct RealTraceTests {
    private func records() throws -> [RecordedChoices] {
        let workload = try TraceWorkload(
            path: SharedData.trace("intent"),
            tokensPerStep: 8222,
            model: model(layers: 26, experts: 64),
            topK: 6,
            seed: 1
        )
        return try workload.batch(step: 0).gate.recorded ?? []
    }

    @Test func imbalanceOverEightRanksIsTheReference() throws {
        let records = try records()
        #expect(records.count == 26)
        let imbalances = records.map { record in
            var loads = [Double](repeating: 0, count: 8)
            for expert in record.experts { loads[Int(expert) / 8] += 1 }
            return (loads.max() ?? 0) / (loads.reduce(0, +) / 8)
        }
        #expect(abs(imbalances.reduce(0, +) / 26 - 1.4407624322486885) < 1e-12)
    }

    @Test func choicesAndWeightsStandWhereTheyShould() throws {
        let records = try records()
        #expect(Array(records[3].experts[600..<606]) == [7, 24, 35, 48, 55, 12])
        #expect(
            records[3].weights.map { Array($0[600..<606]) }
                == [0.037109375, 0.081726074, 0.20690918, 0.089782715, 0.050109863, 0.035614014]
        )
        #expect(Array(records[25].experts.suffix(6)) == [11, 17, 49, 57, 60, 14])
        let sum = records.reduce(0) { $0 + ($1.weights ?? []).reduce(0) { $0 + Double($1) } }
        #expect(abs(sum - 84354.49296987057) < 1e-6)
    }

    @Test func sequencesAreThoseOfTheFile() throws {
        let shape = model(layers: 1, experts: 64)
        let all = try TraceWorkload(
            path: SharedData.trace("intent"),
            tokensPerStep: 8222,
            model: shape,
            topK: 6,
            seed: 1
        )
        let lengths = try #require(try all.batch(step: 0).sequenceLengths)
        #expect(lengths.count == 127 && Array(lengths.prefix(3)) == [64, 63, 63])
        let steps = try TraceWorkload(
            path: SharedData.trace("intent"),
            tokensPerStep: 512,
            model: shape,
            topK: 6,
            seed: 1
        )
        for step in 0..<20 {
            #expect(try steps.batch(step: step).sequenceLengths?.reduce(0, +) == 512)
        }
    }

    @Test(arguments: ["intent", "law", "summary"])
    func everyTaskPassesTheChecks(task: String) throws {
        let shape = model(layers: 26, experts: 64)
        let workload = try TraceWorkload(
            path: SharedData.trace(task),
            tokensPerStep: 512,
            model: shape,
            topK: 6,
            seed: 1
        )
        #expect(workload.summary.distinctTokens == ["intent": 8222, "law": 8327, "summary": 8479][task])
    }
}
