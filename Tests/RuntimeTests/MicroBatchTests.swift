import MoE
import Tensors
import Testing
import Workloads

@testable import Runtime

/// Steps cut in two.
@Suite struct MicroBatchTests {
    private func batch(_ tokens: Int, gate: GateSource = .model) -> WorkloadBatch {
        var samples = Samples(seed: tokens)
        return WorkloadBatch(
            hidden: samples.matrix(rows: tokens, columns: 3),
            gate: gate,
            tokenIDs: (0..<Int32(tokens)).map { $0 * 10 }
        )
    }

    @Test(arguments: [2, 3, 7, 24])
    func halvesAreNearlyEqual(tokens: Int) {
        let parts = MicroBatch.cut(batch(tokens), into: 2)
        #expect(parts.map(\.index) == [0, 1])
        #expect(parts.map(\.firstToken) == [0, tokens / 2])
        #expect(parts.map(\.stream.rows) == [tokens / 2, tokens - tokens / 2])
        #expect(Matrix.joined(parts.map(\.stream)) == batch(tokens).hidden)
        #expect(parts.flatMap { $0.tokenIDs ?? [] } == batch(tokens).tokenIDs)
    }

    @Test func oneTokenIsNotCut() {
        let parts = MicroBatch.cut(batch(1), into: 2)
        #expect(parts.map(\.firstToken) == [0])
        #expect(parts.map(\.stream.rows) == [1])
    }

    @Test func logitsAreCutWithTheirTokens() {
        var samples = Samples(seed: 3)
        let logits = (0..<2).map { _ in samples.matrix(rows: 5, columns: 4) }
        let parts = MicroBatch.cut(batch(5, gate: .logits(logits)), into: 2)
        for layer in 0..<2 {
            let cut = parts.compactMap { part in
                if case .logits(let matrices) = part.gate { matrices[layer] } else { nil }
            }
            #expect(cut.map(\.rows) == [2, 3])
            #expect(Matrix.joined(cut) == logits[layer])
        }
    }
}
