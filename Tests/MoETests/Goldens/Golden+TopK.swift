import Basics
import Tensors
import TestSupport
import Testing

@testable import MoE

extension Golden {
    func checkGShard() throws {
        let slots = try count("C")
        let router = try TopKRouter.family("gshard") { $0.capacity?.size = .slots(slots) }
        let (batch, routing) = try routedTopTwo(router)
        expectCombine(routing.plan)
        expectDenseSlots(routing.plan)
        var sums = ProbabilitySums([0..<batch.tokens], experts: batch.experts)
        sums.add(scores(batch))
        let experts = Double(batch.experts)
        expect(routing.losses[0].value, "aux_times_E2")
        expect(routing.losses[0].value / (experts * experts), "aux")
        let first = firstCounts(routing.plan)
        expect(first, "first_counts")
        let mean = sums.mean(0)
        expect(FirstChoiceLoss.paperValue(firstChoices: first, meanProbability: mean, tokens: batch.tokens), "aux")
        expect([ExpertLoads(routing.plan).tokensWithoutExpert], "overflow_tokens")
    }

    /// Mesh TensorFlow and lingvo; the inputs tell the policy for second choices.
    func checkTopTwo(_ family: String) throws {
        let slots = try count("C")
        let threshold = inputs["threshold"]?.number
        let router = try TopKRouter.family(family) { rule in
            rule.capacity?.size = .slots(slots)
            rule.capacity?.multiple = 1
            rule.capacity?.minimum = 0
            if let threshold {
                rule.further = inputs["rnd"] == nil ? .threshold(threshold) : .random(threshold: threshold)
            } else {
                rule.further = name.contains("none") ? .none : .all
            }
        }
        let (_, routing) = try routedTopTwo(router)
        let plan = routing.plan
        expectCombine(plan)
        expectDenseSlots(plan)
        expect(routing.losses[0].value, "aux")
        expect((0..<plan.tokens).map { isKept(plan, token: $0, choice: 0) }, "kept_first")
        expect((0..<plan.tokens).map { isKept(plan, token: $0, choice: 1) }, "kept_second")
    }

    func checkDeepSpeed() throws {
        let (factor, minimum) = (try number("cf"), try count("min_capacity"))
        let router = try TopKRouter.family("deepspeed-top-2") { rule in
            rule.further = .all
            rule.capacity?.size = .copies(factor)
            rule.capacity?.minimum = minimum
        }
        let (batch, routing) = try routedTopTwo(router)
        expectCombine(routing.plan)
        expect(routing.losses[0].value, "aux")
        let capacity = router.rule.capacity?.capacity(tokens: batch.tokens, topK: 2, experts: batch.experts)
        expect([capacity ?? -1], "capacity")
        #expect(routing.paddedRows == capacity.map { $0 * batch.experts })
    }

    func checkSwitch() throws {
        let slots = try count("C")
        let batch = try batch()
        let router = try TopKRouter.family("switch") { rule in
            rule.capacity = CapacityRule(size: .slots(slots))
            rule.losses.append(LossTerm(.routerZ))
        }
        let routing = try router.route(batch)
        expect(routing.plan.expert.map { Int($0) }, "expert")
        expect(routing.plan.weight.map { Double($0) }, "gate")
        expect(routing.plan.position.map { Int($0) }, "slot")
        expect(routing.plan.position.map { $0 == DispatchPlan.dropped ? 0 : 1 }, "kept")
        expect([routing.plan.position.count { $0 == DispatchPlan.dropped }], "dropped")
        expect(routing.losses[0].value, "aux")
        expect(routing.losses[1].value, "z_loss")
    }

    func checkNoTokenLeftBehind() throws {
        let (slots, passes) = (try count("C"), try count("k"))
        let router = try TopKRouter.family("switch-ntlb") { rule in
            rule.capacity = CapacityRule(size: .slots(slots), overflow: .nextChoices(passes - 1))
        }
        let plan = try router.route(batch()).plan
        let isKept = (0..<plan.copies).map { plan.isKept($0) }
        expect(zip(plan.expert, isKept).map { $1 ? Int($0) : -1 }, "expert")
        expect(zip(plan.weight, isKept).map { $1 ? Double($0) : 0 }, "gate")
        expect(plan.position.map { Int($0) }, "slot")
        expect([isKept.count { !$0 }], "dropped")
    }

    func checkTokensChoose() throws {
        let isPrioritised = inputs["bpr"]?.bool == true
        let (slots, topK) = (try count("C"), try count("k"))
        let router = try TopKRouter.family(isPrioritised ? "batch-prioritised" : "tokens-choose", topK: topK) { rule in
            rule.capacity?.size = .slots(slots)
            rule.capacity?.minimum = 0
        }
        let routing = try router.route(batch())
        expectCombine(routing.plan)
        expect(routing.plan.position.map { Int($0) }, "slot")
        expect(routing.losses[0].value, "aux")
    }

    /// The golden gives the probabilities of the chosen experts, which a router of raw logits chooses again.
    func checkMegatron(_ order: ContestOrder) throws {
        let (topK, factor) = (try count("k"), try number("cf"))
        let batch = try batch("probs")
        let router = try TopKRouter.family("megatron", topK: topK) { rule in
            rule.score = .logit
            rule.capacity = CapacityRule(factor: factor, order: order)
        }
        let plan = try router.route(batch).plan
        expectCombine(plan, "probs")
        var route = [Int](repeating: 0, count: plan.tokens * plan.experts)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                route[token * plan.experts + Int(plan.expert[copy])] = 1
            }
        }
        expect(route, "route")
        let capacity = CapacityRule(factor: factor).capacity(tokens: batch.tokens, topK: topK, experts: batch.experts)
        expect([capacity], "capacity")
    }

    func checkAuxiliaryLosses() throws {
        let router = try TopKRouter.family("softmax-top-k", topK: count("k")) { rule in
            rule.losses = [
                LossTerm(.switchAuxiliary(.topK)), LossTerm(.switchAuxiliary(.one)), LossTerm(.routerZ),
            ]
        }
        let losses = try router.route(batch()).losses
        expect(losses[0].value, "hf")
        expect(losses[1].value, "megatron_unit")
        expect(losses[2].value, "z_loss")
    }

    private func routedTopTwo(_ router: TopKRouter) throws -> (RouterBatch, Routing) {
        var batch = try batch()
        if let numbers = inputs["rnd"]?.numbers { batch.givenNumbers[.furtherChoice] = numbers }
        return (batch, try router.route(batch))
    }

    private func scores(_ batch: RouterBatch) -> TokenScores {
        let logits = batch.projections[0].values.map { Double($0) }
        return TokenScores(logits: logits, experts: batch.experts, score: .softmax)
    }

    private func firstCounts(_ plan: DispatchPlan) -> [Int] {
        (0..<plan.experts).map { expert in
            (0..<plan.tokens).count { Int(plan.expert[plan.copyOffsets[$0]]) == expert }
        }
    }

    /// 1 where a token has that choice and it is placed.
    private func isKept(_ plan: DispatchPlan, token: Int, choice: Int) -> Int {
        let copies = plan.copies(ofToken: token)
        return copies.count > choice && plan.isKept(copies.lowerBound + choice) ? 1 : 0
    }
}
