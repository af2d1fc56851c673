import MoE
import Tensors
import Testing

@Suite("Top-k router")
struct TopKRouterTests {
    @Test func equalLogitsGoToTheLowestExperts() throws {
        let logits = Matrix([[0, 0, 0, 0], [1, 2, 2, 1], [3, 1, 2, 3]])
        let plan = try TopKRouter.softmax(topK: 2, normalize: true).route(RouterBatch(logits)).plan
        #expect(plan.chosen == [[0, 1], [1, 2], [0, 3]])
    }

    @Test func weightsAreProbabilitiesOrSharesTimesScale() throws {
        let logits = Matrix([[0, 1.0986123, 0.6931472, -100]])  // probabilities 1/6, 3/6, 2/6, 0
        let raw = try TopKRouter.softmax(topK: 2, normalize: false, scale: 6).route(RouterBatch(logits))
        #expect(raw.plan.chosen == [[1, 2]])
        #expect(zip(raw.plan.weight, [3, 2]).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(zip(raw.importance, [0, 3, 2, 0]).allSatisfy { abs($0 - $1) < 1e-5 })
        let shares = try TopKRouter.softmax(topK: 2, normalize: true, scale: 5).route(RouterBatch(logits))
        #expect(zip(shares.plan.weight, [3, 2]).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func hugeLogitsDoNotOverflow() throws {
        let logits = Matrix([[3e38, -3e38, 3e38, 0]])
        let plan = try TopKRouter.softmax(topK: 3, normalize: true).route(RouterBatch(logits)).plan
        #expect(plan.chosen == [[0, 2, 3]])
        #expect(plan.weights == [[0.5, 0.5, 0]])
    }

    @Test func aBatchWithoutTokensHasAnEmptyPlan() throws {
        let batch = RouterBatch(Matrix(rows: 0, columns: 4))
        let routing = try TopKRouter.softmax(topK: 2, normalize: true).route(batch)
        #expect(routing.plan.tokens == 0)
        #expect(routing.importance == [0, 0, 0, 0])
        #expect(routing.losses.map(\.value) == [0])
    }

    @Test(arguments: [
        (Float.nan, "nan"),
        (Float.infinity, "inf"),
    ])
    func aLogitThatIsNoNumberIsNamed(value: Float, written: String) {
        var logits = Matrix(rows: 3, columns: 4)
        logits[1, 2] = value
        let message = "token 1: the gate logit of expert 2 is \(written); it must be finite, or -inf to mask the expert"
        #expect(throws: RoutingError(message)) {
            try TopKRouter.softmax(topK: 2, normalize: true).route(RouterBatch(logits))
        }
    }

    @Test(arguments: [0, -1, 5])
    func topKMustFitTheExperts(topK: Int) {
        let message = "top-k is \(topK); allowed are 1 to 4, the number of experts"
        #expect(throws: RoutingError(message)) {
            try TopKRouter.softmax(topK: topK, normalize: true).route(RouterBatch(Matrix(rows: 3, columns: 4)))
        }
    }

    @Test func tooManyCopiesAreRefused() {
        var batch = RouterBatch(Matrix(rows: 1, columns: 4))
        batch.tokens = 1 << 30
        let message = "1073741824 tokens with top-k 2 make more than 2147483647 copies; use fewer tokens"
        #expect(throws: RoutingError(message)) {
            try TopKRouter.softmax(topK: 2, normalize: true).route(batch)
        }
    }

    @Test func projectionsMustFitTheBatch() {
        let router = TopKRouter.softmax(topK: 2, normalize: true)
        let logits = Matrix(rows: 3, columns: 4)
        #expect(throws: RoutingError("the batch holds 2 projections; the router reads 1")) {
            try router.route(RouterBatch(logits, logits))
        }
        var batch = RouterBatch(logits)
        batch.experts = 5
        #expect(throws: RoutingError("the gate projection is 3 x 4; 3 tokens and 5 experts need 3 x 5")) {
            try router.route(batch)
        }
    }

    @Test(arguments: UInt64(1)...20)
    func plansKeepTheirInvariants(seed: UInt64) throws {
        let (tokens, experts, topK) = (50 + Int(seed), 4 + Int(seed % 9), 1 + Int(seed % 4))
        let batch = RouterBatch(Matrix(randomRows: tokens, columns: experts, seed: seed))
        for factor in [nil, 0.5, 1, 1.25] {
            let rule = factor.map { CapacityRule(factor: $0, minimum: 2) }
            let router = TopKRouter.softmax(topK: topK, normalize: true, scale: 2.5, capacity: rule)
            let plan = try router.route(batch).plan
            let capacity = rule?.capacity(tokens: tokens, topK: topK, experts: experts)
            expectInvariants(of: plan, topK: topK, capacity: capacity, "seed \(seed), factor \(factor ?? 0)")
            #expect(plan.weights.allSatisfy { $0 == $0.sorted(by: >) }, "seed \(seed)")
            #expect(plan.weights.allSatisfy { abs($0.reduce(0, +) - 2.5) < 1e-5 }, "seed \(seed)")
        }
    }
}
