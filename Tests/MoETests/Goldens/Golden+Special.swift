import Basics
import Tensors
import TestSupport
import Testing

@testable import MoE

extension Golden {
    func checkDenseMixture() throws {
        let tokens = try #require(inputs["x"]).rows
        let weights = try #require(inputs["W"]).rows
        let logits = tokens.map { product($0, weights) }
        var state = RouterState(gateBias: try #require(inputs["b"]).numbers.map { Float($0) })
        let plan = try DenseMixtureRouter().route(RouterBatch(Matrix(logits)), state: &state).plan
        expectCombine(plan, "p")
        try checkMixtureLosses(tokens)
    }

    private func checkMixtureLosses(_ tokens: [[Double]]) throws {
        let matrices = try #require(inputs["A"]).array.map(\.rows)
        let offsets = try #require(inputs["c"]).rows
        let targets = try #require(inputs["d"]).rows
        let probabilities = try #require(outputs["p"]).rows
        let outputs = tokens.map { token in
            zip(matrices, offsets).map { zip(product(token, $0), $1).map { $0 + $1 } }
        }
        let losses = tokens.indices.map {
            MixtureLosses(probabilities: probabilities[$0], outputs: outputs[$0], target: targets[$0])
        }
        expect(losses.map(\.linear), "E_lin", within: 1e-9)
        expect(losses.map(\.competitive), "E_comp", within: 1e-9)
        expect(losses.map(\.mixture), "E_mix", within: 1e-9)
        expect(losses.flatMap(\.responsibility), "responsibility", within: 1e-9)
        expect(losses.flatMap { $0.outputGradient.flatMap { $0 } }, "dEmix_do", within: 1e-9)
        expect(losses.flatMap(\.logitGradient), "dEmix_dlogit", within: 1e-9)
    }

    private func product(_ row: [Double], _ matrix: [[Double]]) -> [Double] {
        matrix[0].indices.map { column in zip(row, matrix).reduce(0) { $0 + $1.0 * $1.1[column] } }
    }

    /// The arithmetic is fed in double precision.
    func checkNoisyTopK() throws {
        let (clean, raw) = (try #require(inputs["clean"]).rows, try #require(inputs["raw_noise"]).rows)
        let normal = try #require(inputs["normal"]).rows
        let experts = clean[0].count
        var gate = NoisyTopKGate(
            tokens: clean.count,
            experts: experts,
            topK: try count("k"),
            noiseEpsilon: try number("noise_eps")
        )
        for token in clean.indices {
            (gate.clean, gate.raw, gate.normal) = (clean[token], raw[token], normal[token])
            gate.routeToken()
        }
        let routing = try NoisyTopKRouter(topK: try count("k")).routing(of: gate, RouterBatch(Matrix(clean)))
        expectCombine(routing.plan, "gates")
        expect(routing.importance, "importance", within: 1e-9)
        let load = try #require(routing.smoothLoad)
        expect(load, "load", within: 1e-9)
        expect((0..<experts).map { expert in routing.plan.expert.count { Int($0) == expert } }, "true_load")
        expect(routing.losses[0].value * routing.losses[0].coefficient, "L_importance", within: 1e-9)
        expect(routing.losses[1].value * routing.losses[1].coefficient, "L_load", within: 1e-9)
        expect(LoadStatistics(routing.importance).coefficientOfVariation, "cv_importance", within: 1e-9)
        expect(LoadStatistics(load).coefficientOfVariation, "cv_load", within: 1e-9)
        expect(LoadStatistics(load).imbalance, "max_over_mean_load", within: 1e-9)
    }

    func checkHierarchy() throws {
        let clean = try #require(inputs["secondary_clean"]).array.map(\.rows)
        let raw = try #require(inputs["secondary_raw"]).array.map(\.rows)
        let primary = Matrix(try #require(inputs["primary_clean"]).rows)
        var batch = RouterBatch(
            primary,
            Matrix(try #require(inputs["primary_raw"]).rows),
            Matrix(sideBySide(clean)),
            Matrix(sideBySide(raw))
        )
        batch.experts = clean.count * clean[0][0].count
        batch.givenNumbers[.primaryNoise] = try #require(inputs["primary_normal"]).numbers
        batch.givenNumbers[.noise] = try #require(inputs["secondary_normal"]).numbers
        let routing = try HierarchicalRouter(groups: clean.count, topK: try count("k")).route(batch)
        expect(routing.importance, "importance")
        expect(try #require(routing.smoothLoad), "load")
        let size = clean[0][0].count
        let copies = (0..<routing.plan.tokens).flatMap { token in
            routing.plan.copies(ofToken: token).sorted { routing.plan.expert[$0] < routing.plan.expert[$1] }
                .map { copy -> [Double] in
                    let (group, expert) = Int(routing.plan.expert[copy]).quotientAndRemainder(dividingBy: size)
                    return [Double(token), Double(group), Double(expert), Double(routing.plan.weight[copy])]
                }
        }
        expect(copies.flatMap { $0 }, "gates")
    }

    /// `[groups][tokens][experts]` as `[tokens][groups * experts]`.
    private func sideBySide(_ groups: [[[Double]]]) -> [[Double]] {
        groups[0].indices.map { token in groups.flatMap { $0[token] } }
    }

    func checkStrictBalance() throws {
        let plan = try StrictlyBalancedRouter(topK: try count("k")).route(batch()).plan
        expectCombine(plan, "gates")
        let mask = (0..<plan.tokens).flatMap { token in
            let chosen = Set(plan.copies(ofToken: token).map { plan.expert[$0] })
            return (0..<plan.experts).map { chosen.contains(Int32($0)) ? 1 : 0 }
        }
        expect(mask, "mask")
    }

    func checkExpertChoice(_ variant: ExpertChoiceRouter.Variant) throws {
        let routing = try ExpertChoiceRouter(variant: variant, factor: try number("cf")).route(batch())
        let plan = routing.plan
        expectCombine(plan)
        expect((0..<plan.tokens).map { plan.copies(ofToken: $0).count }, "experts_per_token")
        let capacity = try #require(routing.paddedRows) / plan.experts
        expect([capacity], "capacity")
        // Stored by descending score.
        let picked = try #require(outputs["picked"]).rows.map { $0.map { Int($0) }.sorted() }
        for (expert, tokens) in picked.enumerated() {
            let takers = (0..<plan.tokens).filter { plan.chosen[$0].contains(expert) }
            #expect(takers == tokens, "expert \(expert)")
        }
    }

    func checkAssignment() throws {
        let batch = try batch("scores")
        let scores = try #require(inputs["scores"]).numbers
        let auction = try BalancedAssignment(scores: scores, experts: batch.experts)
        let expected = try #require(outputs["auction"])
        #expect(auction.expert.map { Double($0) } == expected["expert"]?.numbers)
        if let rounds = expected["iterations"]?.int { #expect(auction.rounds == rounds) }
        let total = auction.expert.enumerated().reduce(0) { $0 + scores[$1.offset * batch.experts + Int($1.element)] }
        #expect(abs(total - (expected["total"]?.number ?? 0)) < 1e-9)
        let exact = try #require(outputs["exact"]?["total"]?.number)
        let epsilon = try #require(scores.max()) / 50 - #require(scores.min()) / 50
        #expect(total <= exact + 1e-9 && total >= exact - Double(batch.tokens) * epsilon)
        #expect(try BaseRouter().route(batch).plan.expert == auction.expert)
    }

    func checkHash() throws {
        let frequencies = try #require(inputs["freq"]).numbers
        let experts = try count("E")
        var batch = RouterBatch(replaying: nil, tokens: frequencies.count, experts: experts)
        batch.tokenIDs = frequencies.indices.map { Int32($0) }
        let plan = try HashRouter(hashing: .balanced(frequencies: frequencies)).route(batch).plan
        expect(plan.expert.map { Int($0) }, "table")
        var load = [Double](repeating: 0, count: experts)
        for (id, expert) in plan.expert.enumerated() { load[Int(expert)] += frequencies[id] }
        expect(load, "load", within: 1e-9)
    }

    func checkSinkhorn() throws {
        let batch = try batch()
        let logits = try #require(inputs["logits"]).numbers
        expect(try SinkhornRouter.balanced(logits, experts: batch.experts), "P", within: 1e-9)
        expect(try SinkhornRouter().route(batch).plan.expert.map { Int($0) }, "expert")
    }
}
