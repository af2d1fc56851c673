import Tensors
import Testing

@testable import MoE

@Suite("Routers that are no top-k rows")
struct SpecialRouterTests {
    private func hashed(_ ids: [Int32]?, experts: Int = 8) -> RouterBatch {
        var batch = RouterBatch(replaying: nil, tokens: 4, experts: experts)
        batch.tokenIDs = ids
        return batch
    }

    @Test func equalIDsGoToEqualExperts() throws {
        for hashing in [HashRouter.Hashing.random, .balanced(frequencies: nil), .multiple(2)] {
            let plan = try HashRouter(hashing: hashing).route(hashed([5, 9, 5, 9])).plan
            #expect(plan.chosen[0] == plan.chosen[2] && plan.chosen[1] == plan.chosen[3])
            #expect(plan.weight.allSatisfy { $0 == 1 })
        }
    }

    @Test func everyHashFunctionHasItsOwnExperts() throws {
        let plan = try HashRouter(hashing: .multiple(4)).route(hashed([1, 2, 3, 4])).plan
        #expect(plan.chosen.allSatisfy { $0.map { $0 / 2 } == [0, 1, 2, 3] })
    }

    @Test(
        arguments: [
            (HashRouter.Hashing.random, nil, "the batch holds no token ids to hash"),
            (.random, [1, 2], "the batch holds 2 token ids; it has 4 tokens"),
            (.random, [1, 2, -3, 4], "token 2 has id -3; it must not be negative"),
            (.balanced(frequencies: [1, 1]), [0, 1, 2, 0], "token id 2 has no frequency; there are 2"),
            (.multiple(3), [0, 1, 2, 0], "8 experts do not divide among 3 hash functions"),
            (.multiple(0), [0, 1, 2, 0], "8 experts do not divide among 0 hash functions"),
        ] as [(HashRouter.Hashing, [Int32]?, String)]
    )
    func brokenIDsAreRefused(hashing: HashRouter.Hashing, ids: [Int32]?, message: String) {
        #expect(throws: RoutingError(message)) {
            try HashRouter(hashing: hashing).route(hashed(ids))
        }
    }

    @Test func anAuctionNeedsEqualShares() throws {
        #expect(throws: RoutingError("5 tokens do not divide into 2 experts of equal load")) {
            try BaseRouter().route(RouterBatch(Matrix(rows: 5, columns: 2)))
        }
        #expect(try BaseRouter().route(RouterBatch(Matrix(rows: 4, columns: 1))).plan.chosen == [[0], [0], [0], [0]])
        #expect(try BaseRouter().route(RouterBatch(Matrix(rows: 0, columns: 2))).plan.tokens == 0)
        let equal = try BaseRouter().route(RouterBatch(Matrix(rows: 6, columns: 3)))
        #expect(ExpertLoads(equal.plan).kept == [2, 2, 2])
    }

    @Test func evaluationOfBaseIsGreedy() throws {
        let logits = Matrix([[3, 0], [2, 1], [1, 0], [4, 0]])
        #expect(try BaseRouter(isTraining: false).route(RouterBatch(logits)).plan.chosen == [[0], [0], [0], [0]])
    }

    /// The thresholds find the gates between which the batch divides.
    @Test func thresholdsAreLearnt() throws {
        let batch = RouterBatch(Matrix(randomRows: 64, columns: 4, seed: 9))
        let training = StrictlyBalancedRouter(topK: 1, thresholdRate: 1e-3)
        var state = RouterState()
        let first = try training.route(batch, state: &state).losses[0].value
        for _ in 0..<400 { _ = try training.route(batch, state: &state) }
        let last = try training.route(batch, state: &state).losses[0].value
        #expect(first > 1 && last < 0.05 * first, "seed 9: \(first) to \(last)")
        let plan = try StrictlyBalancedRouter(topK: 1, isTraining: false).route(batch, state: &state).plan
        #expect(ExpertLoads(plan).kept.allSatisfy { abs($0 - 16) <= 2 }, "seed 9")
    }

    @Test func hierarchiesMustFit() {
        var batch = RouterBatch(Matrix(rows: 2, columns: 8))
        #expect(throws: RoutingError("8 experts do not divide into 3 groups of equal size")) {
            try HierarchicalRouter(groups: 3).route(batch)
        }
        #expect(throws: RoutingError("top-k is 3 on each level; allowed are 1 to 2")) {
            try HierarchicalRouter(groups: 4, topK: 3).route(batch)
        }
        let wide = Matrix(rows: 2, columns: 8)
        batch.projections = [wide, wide, wide, wide]
        let message = "the primaryGate projection is 2 x 8; 2 tokens and 4 experts need 2 x 4"
        #expect(throws: RoutingError(message)) { try HierarchicalRouter(groups: 4).route(batch) }
    }

    @Test func hugeLogitsSettle() throws {
        let batch = RouterBatch(Matrix([[3e4, 0, 3e4, 0], [0, 3e4, 0, 3e4]]))
        #expect(try SinkhornRouter(topK: 2).route(batch).plan.copies == 4)
    }

    @Test func sparseMixerWeighsRivals() throws {
        let plan = try SparseMixerRouter().route(RouterBatch(Matrix([[1, 0.99, -3, 0.5]]))).plan
        #expect(plan.chosen == [[0, 1]])
        #expect(abs(plan.weight[0] - 0.5025) < 1e-6 && plan.weight[1] == 1)
    }
}
