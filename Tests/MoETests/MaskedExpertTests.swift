import Tensors
import TestSupport
import Testing

@testable import MoE

/// Logits of minus infinity: experts that a token never has.
@Suite struct MaskedExpertTests {
    /// Routers of every kind that reads logits, and whether they need k experts for each token.
    private static let routers: [(name: String, router: any Router, needs: Int)] = [
        ("softmax", TopKRouter.softmax(topK: 2, normalize: true), 2),
        ("sigmoid with a bias", TopKRouter(rule: TopKRule(topK: 2, score: .sigmoid, bias: SelectionBias())), 2),
        (
            "softcap and temperature", TopKRouter(rule: TopKRule(topK: 2, softcap: 5)), 2
        ),
        ("Gumbel noise", TopKRouter(rule: TopKRule(topK: 2, noise: .gumbelForChoice)), 2),
        ("drawn second", TopKRouter(rule: TopKRule(topK: 2, further: .sampling)), 2),
        (
            "three choices of overflow",
            TopKRouter(
                rule: TopKRule(
                    topK: 2,
                    capacity: CapacityRule(size: .copies(0.5), overflow: .nextChoices(3))
                )
            ), 2
        ),
        ("noisy top-k", NoisyTopKRouter(topK: 2), 2),
        ("noisy top-k evaluated", NoisyTopKRouter(topK: 2, isTraining: false), 2),
        ("SparseMixer", SparseMixerRouter(), 2),
        ("Sinkhorn", SinkhornRouter(topK: 2), 2),
        ("BASE", BaseRouter(), 1),
        ("BASE evaluated", BaseRouter(isTraining: false), 1),
        ("strictly balanced", StrictlyBalancedRouter(topK: 2), 1),
        ("strictly balanced evaluated", StrictlyBalancedRouter(topK: 2, isTraining: false), 1),
        ("dense", DenseMixtureRouter(), 1),
        ("expert choice", ExpertChoiceRouter(), 1),
        ("expert choice of Mesh", ExpertChoiceRouter(variant: .mesh), 1),
        ("expert choice with a cap", ExpertChoiceRouter(cap: 3), 1),
    ]

    private func batch(_ seed: UInt64, masked: (Int, Int) -> Bool) -> RouterBatch {
        var logits = Matrix(randomRows: 16, columns: 8, seed: seed)
        for token in 0..<16 {
            for expert in 0..<8 where masked(token, expert) { logits.values[token * 8 + expert] = -.infinity }
        }
        return RouterBatch(logits, Matrix(randomRows: 16, columns: 8, seed: seed, stream: 1))
    }

    private func routing(_ router: any Router, _ batch: RouterBatch) throws(RoutingError) -> Routing {
        var own = batch
        own.projections = Array(batch.projections.prefix(router.projections.count))
        var state = RouterState(selectionBias: [5, 5, 0, 0, 0, 0, 0, 0])
        return try router.route(own, state: &state)
    }

    @Test(arguments: routers.indices, [UInt64.random(in: 0...UInt64.max)])
    func aMaskedExpertIsNeverChosen(index: Int, seed: UInt64) throws {
        let (name, router, _) = Self.routers[index]
        // Experts 0 and 1 are masked for half of the tokens, expert 7 for all but four.
        func masked(_ token: Int, _ expert: Int) -> Bool { expert < 2 && token < 8 || expert == 7 && token > 3 }
        let routing = try routing(router, batch(seed, masked: masked))
        for token in 0..<16 {
            for copy in routing.plan.copies(ofToken: token) {
                #expect(!masked(token, Int(routing.plan.expert[copy])), "\(name), seed \(seed), token \(token)")
                #expect(routing.plan.weight[copy].isFinite, "\(name), seed \(seed)")
            }
        }
        #expect(routing.losses.allSatisfy { $0.value.isFinite } && routing.importance.allSatisfy(\.isFinite), "\(name)")
        #expect(routing.smoothLoad?.allSatisfy(\.isFinite) ?? true, "\(name)")
        #expect(routing.plan.copies > 0, "\(name)")
    }

    @Test(arguments: routers.indices)
    func fewerThanNeededIsAnError(index: Int) throws {
        let (name, router, needs) = Self.routers[index]
        let short = batch(1) { token, expert in token == 5 && expert >= needs - 1 }
        let error = #expect(throws: RoutingError.self, "\(name)") { try routing(router, short) }
        let words = "token 5: logits of -inf leave \(needs - 1) of 8 experts; at least \(needs) are needed"
        #expect(error?.description == words, "\(name): \(error?.description ?? "")")
    }

    /// A masked group is not kept, whatever the biases of its experts, and a kept one must hold k.
    @Test func groupsAreRankedByWhatIsLeftOfThem() throws {
        let limit = GroupLimit(groups: 4, kept: 2, score: .sumOfLargest(2))
        let rule = TopKRule(topK: 2, score: .sigmoid, bias: SelectionBias(), groups: limit)
        let masked: [[Double]] = [[-.infinity, -.infinity, 1, 2, 0, -.infinity, -1, -2]]
        let chosen = try routing(TopKRouter(rule: rule), RouterBatch(Matrix(masked)))
        #expect(chosen.plan.chosen == [[3, 2]])
        let one = TopKRule(topK: 2, groups: GroupLimit(groups: 4, kept: 1, score: .largest))
        let error = #expect(throws: RoutingError.self) {
            try routing(TopKRouter(rule: one), RouterBatch(Matrix([[0, 0, 9, -.infinity, 0, 0, 0, 0]])))
        }
        #expect(
            error?.description
                == "token 0: logits of -inf leave 1 experts in the groups that it may use; at least 2 are needed"
        )
    }

    @Test func otherNumbersAreRefused() {
        for value in [Double.nan, .infinity] {
            #expect(throws: RoutingError.self) {
                try routing(TopKRouter.softmax(topK: 1, normalize: false), RouterBatch(Matrix([[value, 0, 1]])))
            }
        }
        // The scale of noise masks nothing.
        let noise = RouterBatch(Matrix([[1, 2, 3]]), Matrix([[-.infinity, 0, 0]]))
        #expect(throws: RoutingError.self) { try routing(NoisyTopKRouter(topK: 1), noise) }
    }
}
