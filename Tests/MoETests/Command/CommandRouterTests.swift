import Tensors
import Testing

@testable import MoE

@Suite("Routers that a program is")
struct CommandRouterTests {
    private func router(
        topK: Int = 2,
        input: RouterInputKind = .logits,
        change: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
    ) -> CommandRouter {
        var router = CommandRouter(command: ["python3", "my router.py"], topK: topK, input: input)
        router.channel = RouterBehindBytes(change: change)
        return router
    }

    private func logits(seed: UInt64 = 1, tokens: Int = 5, experts: Int = 4) -> Matrix {
        Matrix(randomRows: tokens, columns: experts, seed: seed)
    }

    @Test("a request has the numbers of its batch, whatever they are")
    func requests() throws {
        let run = UInt64.random(in: 1...1 << 40)
        for number in 0..<200 {
            let random = CounterRandom(seed: run, purpose: .test, number)
            let (tokens, columns) = (1 + Int(random.word(0) % 9), 1 + Int(random.word(1) % 9))
            let bits = (0..<tokens * columns).map { Float(bitPattern: random.word(100 + $0)) }
            let request = RouterRequest(
                step: Int(random.word(2)),
                layer: Int(random.word(3) >> 16),
                experts: Int(random.word(4) >> 8),
                topK: 1 + Int(random.word(5) % 5),
                input: number % 2 == 0 ? .logits : .hidden,
                seed: UInt64(random.word(6)) << 32 | UInt64(random.word(7)),
                rows: Matrix(rows: tokens, columns: columns, values: bits)
            )
            let asked = try AskedRows(request.encoded())
            let numbers = [
                1, request.step, request.layer, tokens, columns, request.experts, request.topK, number % 2,
            ]
            #expect(asked.head.map { Int($0) } == numbers && asked.seed == request.seed, "seed \(run)")
            #expect(asked.values.map(\.bitPattern) == bits.map(\.bitPattern), "seed \(run)")

            let experts = (0..<tokens * request.topK).map { Int32(bitPattern: random.word(1000 + $0)) }
            let weights = experts.indices.map { Float(bitPattern: random.word(2000 + $0)) }
            let answer = asked.answer(experts: experts, weights: weights)
            #expect(answer.count == request.answerBytes)
            let choices = try request.choices(in: answer)
            #expect(choices.choicesPerToken == request.topK && choices.experts == experts, "seed \(run)")
            #expect(choices.weights?.map(\.bitPattern) == weights.map(\.bitPattern), "seed \(run)")
            for count in 0...answer.count { try request.checkBeginning(of: Array(answer[..<count])) }

            // A wrong byte of the head is noticed as soon as it can be.
            let place = Int(random.word(8)) % RouterRequest.answerHeadBytes
            var wrong = answer
            wrong[place] ^= UInt8(1 + random.word(9) % 255)
            let seen = place < 8 ? place + 1 : RouterRequest.answerHeadBytes
            #expect(throws: RoutingError.self, "seed \(run)") {
                try request.checkBeginning(of: Array(wrong[..<seen]))
            }
            let cut = Array(answer.dropLast(1 + Int(random.word(10)) % answer.count))
            #expect(throws: RoutingError.self, "seed \(run)") { try request.choices(in: cut) }
            #expect(throws: RoutingError.self, "seed \(run)") { try request.choices(in: answer + [0]) }
        }
    }

    @Test("a program that chooses as a rule does gives the plan of the rule")
    func plan() throws {
        for seed in UInt64(1)...5 {
            let batch = RouterBatch(logits(seed: seed, tokens: 40, experts: 16), seed: seed)
            let routing = try router(topK: 3).route(batch)
            #expect(routing.plan == (try TopKRouter.softmax(topK: 3, normalize: true).route(batch).plan))
            #expect(abs(routing.importance.reduce(0, +) - 40) < 1e-4)
        }
    }

    @Test("the gate's bias is in the logits that a program reads")
    func gateBias() throws {
        var state = RouterState(gateBias: [0, 100, 0, 0])
        let plan = try router(topK: 1).route(RouterBatch(logits()), state: &state).plan
        #expect(plan.chosen == [[Int]](repeating: [1], count: 5))
    }

    @Test("what it asks for says step, layer, seed and input")
    func request() throws {
        struct Noting: RouterChannel {
            let check: @Sendable (RouterRequest) -> Void

            func answer(to request: RouterRequest) throws(RoutingError) -> [UInt8] {
                check(request)
                throw RoutingError("noted")
            }
        }
        var router = router(input: .hidden)
        let hidden = Matrix(randomRows: 5, columns: 7, seed: 3)
        router.channel = Noting { request in
            #expect(request.step == 12 && request.layer == 3 && request.experts == 4 && request.topK == 2)
            #expect(request.input == .hidden && request.rows == hidden)
            let random = CounterRandom(seed: 1, purpose: .routerNoise)
            #expect(request.seed == UInt64(random.word(0)) << 32 | UInt64(random.word(1)))
        }
        var batch = RouterBatch(logits())
        (batch.projections, batch.hidden, batch.step, batch.layer) = ([], hidden, 12, 3)
        let said = #""python3 'my router.py'" (router.command): noted"#
        #expect(throws: RoutingError(said, isOfProgram: true)) { try router.route(batch) }
    }

    @Test("no choice, and no tokens")
    func none() throws {
        let router = router(topK: 2) { answer in
            var answer = answer
            for place in 24..<28 { answer[place] = 255 }
            return answer
        }
        let plan = try router.route(RouterBatch(logits())).plan
        #expect(plan.chosen.map(\.count) == [1, 2, 2, 2, 2])
        var idle = router
        idle.channel = nil
        #expect(try idle.route(RouterBatch(Matrix(rows: 0, columns: 4))).plan.tokens == 0)
    }

    @Test("a capacity drops what the program chose")
    func capacity() throws {
        var router = router(topK: 1)
        router.capacity = CapacityRule(size: .slots(1), minimum: 1)
        var state = RouterState(gateBias: [0, 100, 0, 0])
        let plan = try router.route(RouterBatch(logits()), state: &state).plan
        #expect((0..<5).filter { plan.isKept($0) } == [0])
        #expect(!router.decidesPerToken)
        router.isPerToken = true
        #expect(!router.decidesPerToken)
        router.capacity = nil
        #expect(router.decidesPerToken)
    }

    @Test(
        "answers that are none",
        arguments: [
            (24, [9, 0, 0, 0], "token 0 chose expert 9; allowed are 0 to 3, and -1 for no choice"),
            (28, [254, 255, 255, 255], "token 0 chose expert -2; allowed are 0 to 3, and -1 for no choice"),
            (24, [1, 0, 0, 0, 1, 0, 0, 0], "token 0 chose expert 1 twice; its choices must differ"),
            (64, [0, 0, 192, 127], "token 0 has weight nan; it must be finite"),
            (64, [0, 0, 128, 255], "token 0 has weight -inf; it must be finite"),
            (0, Array("Hello 1\n".utf8), #"an answer begins with "epsimans", but it wrote "Hello 1\n"#),
            (8, [7], "it answers for step 7 and layer 0"),
            (12, [7], "it answers for step 0 and layer 7"),
            (16, [6], "it answers for 6 tokens; asked were 5"),
            (20, [3], "it answers with 3 choices per token; allowed are 2 (router.top_k), with expert -1 for none"),
        ]
    )
    func wrong(place: Int, bytes: [UInt8], says: String) throws {
        let router = router { answer in
            var answer = answer
            answer.replaceSubrange(place..<place + bytes.count, with: bytes)
            return answer
        }
        let error = try #require(throws: RoutingError.self) { try router.route(RouterBatch(logits())) }
        #expect(error.isOfProgram)
        #expect(error.description.hasPrefix(#""python3 'my router.py'" (router.command): \#(says)"#), "\(error)")
    }

    @Test("batches that no program is asked about")
    func batches() {
        #expect(throws: RoutingError("top-k is 5; allowed are 1 to 4, the number of experts")) {
            try router(topK: 5).route(RouterBatch(logits()))
        }
        #expect(throws: RoutingError("the batch holds no hidden states, which the router reads")) {
            var batch = RouterBatch(logits())
            batch.projections = []
            return try router(input: .hidden).route(batch)
        }
        var batch = RouterBatch(logits())
        (batch.projections, batch.hidden) = ([], Matrix(rows: 5, columns: 2, repeating: .nan))
        let text = "token 0: value 0 of its hidden state is nan; it must be finite"
        #expect(throws: RoutingError(text)) { try router(input: .hidden).route(batch) }
        batch.hidden = Matrix(rows: 4, columns: 2)
        #expect(throws: RoutingError("the batch holds hidden states of 4 tokens; it has 5")) {
            try router(input: .hidden).route(batch)
        }
    }
}
