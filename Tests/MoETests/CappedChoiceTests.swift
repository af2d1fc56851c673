import Foundation
import Tensors
import Testing

@testable import MoE

/// Expert choice with a cap on the experts of a token.
@Suite("Capped expert choice")
struct CappedChoiceTests {
    private func scores(tokens: Int, experts: Int, seed: UInt64) -> (batch: RouterBatch, scores: [Double]) {
        let batch = RouterBatch(Matrix(randomRows: tokens, columns: experts, seed: seed))
        let logits = batch.projections[0].values.map { Double($0) }
        return (batch, TokenScores(logits: logits, experts: experts, score: .softmax).scores)
    }

    @Test(arguments: [1, 2, 3], UInt64(1)...6)
    func noTokenGoesToMoreThanTheCap(cap: Int, seed: UInt64) throws {
        let (batch, scores) = scores(tokens: 96, experts: 8, seed: seed)
        let factor = Double(min(cap, 2))
        let plan = try ExpertChoiceRouter(factor: factor, cap: cap).route(batch).plan
        let perExpert = Int(factor) * 12
        #expect(plan.chosen.allSatisfy { $0.count <= cap && Set($0).count == $0.count }, "seed \(seed)")
        let loads = ExpertLoads(plan).kept
        #expect(loads.allSatisfy { $0 <= perExpert }, "seed \(seed)")
        // A cap of 1 with a factor of 1 fills all places; others may leave a few that no free token wants.
        #expect(loads.reduce(0, +) >= (cap == 1 ? 96 : 8 * perExpert * 98 / 100), "seed \(seed): \(loads)")
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) {
                #expect(plan.weight[copy] == Float(scores[token * 8 + Int(plan.expert[copy])]), "seed \(seed)")
            }
        }
    }

    @Test(arguments: UInt64(1)...6)
    func capThatNeverBindsChangesNothing(seed: UInt64) throws {
        let (batch, _) = scores(tokens: 40, experts: 5, seed: seed)
        let free = try ExpertChoiceRouter(factor: 2).route(batch)
        let capped = try ExpertChoiceRouter(factor: 2, cap: 5).route(batch)
        #expect(capped.plan == free.plan && capped.importance == free.importance, "seed \(seed)")
    }

    /// 6 tokens over 3 experts, 2 each, 1 per token: all 90 ways are tried. A hundred rounds do not settle every case.
    @Test func totalScoreIsNearTheBest() throws {
        var exact = 0
        for seed in UInt64(1)...20 {
            let (batch, scores) = scores(tokens: 6, experts: 3, seed: seed)
            let best = best(scores, from: 0, room: [2, 2, 2])
            let total = try ExpertChoiceRouter(factor: 1, cap: 1).route(batch).importance.reduce(0, +)
            #expect(total <= best + 1e-9 && total > 0.85 * best, "seed \(seed): \(total) of \(best)")
            exact += best - total < 1e-9 ? 1 : 0
        }
        #expect(exact >= 15, "\(exact) of 20 are the best")
    }

    /// The largest sum of scores with which the tokens from `token` on fill the room of the experts.
    private func best(_ scores: [Double], from token: Int, room: [Int]) -> Double {
        let experts = room.count
        guard token * experts < scores.count else { return 0 }
        return (0..<experts).filter { room[$0] > 0 }.map { expert in
            var room = room
            room[expert] -= 1
            return scores[token * experts + expert] + best(scores, from: token + 1, room: room)
        }.max() ?? 0
    }

    @Test func solutionMeetsTheConstraints() {
        let (_, scores) = scores(tokens: 64, experts: 4, seed: 3)
        // Flat scores let the rounds come near the end.
        let flat = scores.map { $0 * 0.01 }
        let values = CappedChoice(scores: flat, experts: 4, perExpert: 32, cap: 2).logs.map(exp)
        for expert in 0..<4 {
            let sum = (0..<64).reduce(0) { $0 + values[$1 * 4 + expert] }
            #expect(abs(sum - 32) < 0.1, "expert \(expert): \(sum)")
        }
        for token in 0..<64 { #expect(values[token * 4..<token * 4 + 4].reduce(0, +) < 2.01, "token \(token)") }
        #expect(values.allSatisfy { $0 <= 1 })
    }

    @Test func impossibleCapsAreRefused() {
        let (batch, _) = scores(tokens: 8, experts: 4, seed: 1)
        let low = RoutingError("the capacity factor is 2.0; allowed is at most 1, the experts that a token may have")
        #expect(throws: low) { try ExpertChoiceRouter(factor: 2, cap: 1).route(batch) }
        let high = RoutingError("top-k is 5; allowed are 1 to 4, the number of experts")
        #expect(throws: high) { try ExpertChoiceRouter(factor: 2, cap: 5).route(batch) }
    }
}
