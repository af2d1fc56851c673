import Tensors
import Testing

@testable import MoE

@Suite("Noisy top-k against an independent computation")
struct NoisyTopKGoldenTests {
    struct Inputs: Decodable {
        let clean: [[Double]]
        let rawNoise: [[Double]]
        let normal: [[Double]]
        let k: Int
        let noiseEps: Double
    }

    struct Outputs: Decodable {
        let gates: [[Double]]
        let importance: [Double]
        let load: [Double]
        let trueLoad: [Int]
        let lImportance: Double
        let lLoad: Double
        let cvImportance: Double
        let maxOverMeanLoad: Double
    }

    @Test(arguments: ["shazeer_noisy_top2", "shazeer_noisy_top2_paper_eps0"])
    func gatesLoadsAndLossesAgree(name: String) throws {
        let golden = try fixture(name, as: Golden<Inputs, Outputs>.self)
        let (inputs, outputs) = (golden.inputs, golden.outputs)
        let experts = outputs.importance.count
        let batch = RouterBatch(Matrix(inputs.clean))
        let routing = try NoisyTopKRouter(topK: inputs.k).routing(of: routed(inputs, experts: experts), batch)

        for (token, gates) in outputs.gates.enumerated() {
            let chosen = gates.indices.filter { gates[$0] > 0 }.sorted { gates[$0] > gates[$1] }
            #expect(routing.plan.chosen[token] == chosen, "token \(token)")
            let weights = routing.plan.weights[token].map { Double($0) }
            #expect(zip(weights, chosen.map { gates[$0] }).allSatisfy { abs($0 - $1) < 1e-7 }, "token \(token)")
        }
        #expect(zip(routing.importance, outputs.importance).allSatisfy { abs($0 - $1) < 1e-9 })
        let load = try #require(routing.smoothLoad)
        #expect(zip(load, outputs.load).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect((0..<experts).map { expert in routing.plan.expert.count { Int($0) == expert } } == outputs.trueLoad)

        #expect(routing.losses.map(\.name) == ["importance", "load"])
        let weighted = routing.losses.map { $0.value * $0.coefficient }
        #expect(abs(weighted[0] - outputs.lImportance) < 1e-9)
        #expect(abs(weighted[1] - outputs.lLoad) < 1e-9)
        #expect(abs(LoadStatistics(routing.importance).coefficientOfVariation - outputs.cvImportance) < 1e-9)
        #expect(abs(LoadStatistics(load).imbalance - outputs.maxOverMeanLoad) < 1e-9)
    }

    private func routed(_ inputs: Inputs, experts: Int) -> NoisyTopKGate {
        var gate = NoisyTopKGate(
            tokens: inputs.clean.count,
            experts: experts,
            topK: inputs.k,
            noiseEpsilon: inputs.noiseEps
        )
        for token in inputs.clean.indices {
            gate.clean = inputs.clean[token]
            gate.raw = inputs.rawNoise[token]
            gate.normal = inputs.normal[token]
            gate.routeToken()
        }
        return gate
    }
}
