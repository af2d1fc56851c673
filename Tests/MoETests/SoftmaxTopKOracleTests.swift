import MoE
import Tensors
import Testing

@Suite("Softmax top-k against other implementations")
struct SoftmaxTopKOracleTests {
    struct Family: Decodable {
        let family: String
        let topK: Int
        let normalize: Bool
        let routerLogits: [[Double]]
        let topkIndex: [[Int]]
        let topkWeight: [[Float]]
        let auxLoss: Double?
    }

    @Test func familiesChooseAndWeighAlike() throws {
        let families = try fixture("softmax_top_k", as: [Family].self)
        #expect(families.map(\.family) == ["mixtral", "qwen3_moe", "olmoe", "jamba", "deepseek_moe_16b"])
        for family in families {
            let router = SoftmaxTopKRouter(topK: family.topK, normalize: family.normalize)
            let routing = try router.route(RouterBatch(Matrix(family.routerLogits)))
            #expect(routing.plan.chosen == family.topkIndex, "\(family.family)")
            for (found, expected) in zip(routing.plan.weight, family.topkWeight.joined()) {
                #expect(abs(found - expected) <= 1e-6 * expected, "\(family.family)")
            }
            if let loss = family.auxLoss {
                #expect(abs(routing.losses[0].value * Double(family.topK) - loss) < 1e-6 * loss, "\(family.family)")
            }
        }
    }

    struct SwitchInputs: Decodable {
        let logits: [[Double]]
    }

    struct SwitchOutputs: Decodable {
        let expert: [Int]
        let gate: [Float]
        let slot: [Int]
        let aux: Double
        let dropped: Int
    }

    @Test func switchDropsByPosition() throws {
        let golden = try fixture("switch_C4", as: Golden<SwitchInputs, SwitchOutputs>.self)
        let router = SoftmaxTopKRouter(topK: 1, normalize: false, capacity: CapacityRule(factor: 1))
        let routing = try router.route(RouterBatch(Matrix(golden.inputs.logits)))
        #expect(routing.plan.expert.map { Int($0) } == golden.outputs.expert)
        #expect(routing.plan.position.map { Int($0) } == golden.outputs.slot)
        #expect(routing.plan.position.count { $0 == DispatchPlan.dropped } == golden.outputs.dropped)
        #expect(zip(routing.plan.weight, golden.outputs.gate).allSatisfy { abs($0 - $1) <= 1e-6 * $1 })
        #expect(abs(routing.losses[0].value - golden.outputs.aux) < 1e-6)
    }

    struct AuxiliaryInputs: Decodable {
        let logits: [[Double]]
        let k: Int
    }

    struct AuxiliaryOutputs: Decodable {
        let hf: Double
        let megatronUnit: Double
    }

    @Test func auxiliaryLossHasTwoUnits() throws {
        let golden = try fixture("aux_losses_topk2", as: Golden<AuxiliaryInputs, AuxiliaryOutputs>.self)
        let logits = Matrix(golden.inputs.logits)
        let router = SoftmaxTopKRouter(topK: golden.inputs.k, normalize: true, auxiliaryLoss: 0.01)
        let loss = try router.route(RouterBatch(logits)).losses[0]
        #expect(loss.name == "switch auxiliary")
        #expect(loss.coefficient == 0.01)
        #expect(loss.valueAtBalance == 1)
        #expect(abs(loss.value - golden.outputs.megatronUnit) < 1e-6)

        let all = try SoftmaxTopKRouter(topK: logits.columns, normalize: false).route(RouterBatch(logits))
        let chosen = try router.route(RouterBatch(logits)).plan.expert
        let inTopKUnit = SwitchAuxiliaryLoss.value(
            choices: (0..<logits.columns).map { expert in chosen.count { Int($0) == expert } },
            meanProbability: all.importance.map { $0 / Double(logits.rows) },
            tokens: logits.rows,
            topK: golden.inputs.k,
            unit: .topK
        )
        #expect(abs(inTopKUnit - golden.outputs.hf) < 1e-6)
    }
}
