import Tensors
import TestSupport
import Testing

@testable import MoE

extension Golden {
    func checkDeepSeekV2() throws {
        var options = RouterOptions()
        options.topK = try count("K")
        options.scale = 1
        options.groups = try count("D")
        options.groupsKept = try count("M")
        options.deviceFactor = 1
        let made = try RouterCatalogue.router(named: "deepseek-v2", options: options)
        var router = try #require(made as? TopKRouter)
        router.rule.deviceDrop?.exemptShare = 0
        for (index, key) in ["alpha1", "alpha2", "alpha3"].enumerated() {
            router.rule.losses[index].coefficient = try number(key)
        }
        var batch = try batch()
        let routing = try router.route(batch)
        expect(routing.plan.expert.map { Int($0) }, "index")
        expect(routing.plan.weight.map { Double($0) }, "weight")
        expect((0..<routing.plan.copies).map { routing.plan.isKept($0) ? 1 : 0 }, "keep")
        for (loss, key) in zip(routing.losses, ["expert_loss", "device_loss", "comm_loss"]) {
            expect(loss.value * loss.coefficient, key)
        }

        router.rule.deviceDrop?.exemptShare = 0.5
        let exempt = try count("protected_first")
        batch.sequenceLengths = [Int](repeating: 1, count: batch.tokens)
        batch.givenNumbers[.exemption] = (0..<batch.tokens).map { $0 < exempt ? 0 : 1 }
        let plan = try router.route(batch).plan
        expect((0..<plan.copies).map { plan.isKept($0) ? 1 : 0 }, "keep_protected")
    }

    func checkDeepSeekV3() throws {
        var options = RouterOptions()
        options.topK = try count("K")
        options.auxLoss = try number("alpha")
        (options.groups, options.groupsKept) = (1, 1)
        options.biasRate = try number("gamma")
        let router = try RouterCatalogue.router(named: "deepseek-v3", options: options)
        let batch = try batch()
        var state = RouterState()
        var history: [Double] = []
        for step in 0..<(try count("steps")) {
            let routing = try router.route(batch, state: &state)
            if step == 0 { expect(routing.losses[0].value * routing.losses[0].coefficient, "seq_loss") }
            let loads = (0..<batch.experts).map { expert in routing.plan.expert.count { Int($0) == expert } }
            history.append(LoadStatistics(loads).maxViolation)
            router.finishStep(loads: loads, state: &state)
        }
        expect(history[0], "maxvio_first")
        expect(history, "maxvio_history")
        // The bias is in singles, as in checkpoints.
        expect(state.selectionBias.map { Double($0) }, "bias", within: 1e-5)
    }
}
