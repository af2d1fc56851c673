import Tensors
import TestSupport
import Testing

@testable import MoE

/// Blocks of transformers; other files can be tried by naming their folder in `EPSIM_ORACLES`.
@Suite("Routers against transformers")
struct OracleTests {
    @Test func thereAreCases() {
        #expect(!OracleCase.files.isEmpty)
    }

    @Test(arguments: OracleCase.files)
    func selectionsWeightsAndDropsAgree(file: CaseFile) throws {
        let oracle = try OracleCase(file)
        let family = try OracleFamily(oracle)
        let logits = try oracle.recorded("router_logits")
        var batch = RouterBatch(logits)
        batch.sequenceLengths = oracle.sequenceTokens(of: logits.rows).map { tokens in
            [Int](repeating: tokens, count: logits.rows / tokens)
        }
        var state = RouterState()
        state.selectionBias = try selectionBias(oracle)
        let routing = try family.router().route(batch, state: &state)
        try expectEqualChoices(routing.plan, oracle)
        try expectEqualLosses(routing.losses, oracle)
        #expect(routing.plan.weightTarget == (family.name == "llama-4" ? .input : .output))
    }

    /// The bias of the recorded layer, or none.
    private func selectionBias(_ oracle: OracleCase) throws -> [Float] {
        let file = try SafetensorsFile(path: oracle.weights)
        let prefix = try #require(oracle.json.string("prefix"))
        let name = file.names.first {
            $0.hasPrefix(prefix) && ($0.hasSuffix("e_score_correction_bias") || $0.hasSuffix("expert_bias"))
        }
        guard let name else { return [] }
        let bias = try file.tensor(named: name)
        return try bias.floats(rows: 0..<bias.rows)
    }

    private func expectEqualChoices(_ plan: DispatchPlan, _ oracle: OracleCase) throws {
        let experts = try oracle.recordedIntegers("topk_index")
        let stored = try oracle.recorded("topk_weight")
        let kept = try oracle.kept()
        let (weights, topK) = (stored.values, stored.columns)
        #expect(plan.copies == experts.count)
        for token in 0..<plan.tokens {
            // Stored by descending weight; a bias orders by something else.
            let copies = plan.copies(ofToken: token)
            let rows = (token * topK..<(token + 1) * topK).sorted { experts[$0] < experts[$1] }
            for (copy, row) in zip(copies.sorted { plan.expert[$0] < plan.expert[$1] }, rows) {
                #expect(Int64(plan.expert[copy]) == experts[row], "token \(token)")
                #expect(plan.isKept(copy) == (kept[row] == 1), "token \(token), expert \(experts[row])")
                guard kept[row] == 1 else { continue }
                let error = abs(plan.weight[copy] - weights[row])
                #expect(error <= 1e-6 * abs(weights[row]), "token \(token), expert \(experts[row])")
            }
        }
    }

    private func expectEqualLosses(_ losses: [BalanceLoss], _ oracle: OracleCase) throws {
        let topK = oracle.json["top_k"]?.int ?? 1
        for (tensor, name) in [("aux_loss", "switch auxiliary"), ("z_loss", "router z")] where try oracle.has(tensor) {
            let stored = Double(try oracle.recorded(tensor).values[0])
            let loss = try #require(losses.first { $0.name == name })
            // transformers gives k at balance.
            let unit = name == "router z" ? 1 : Double(topK) / (loss.valueAtBalance ?? 1)
            #expect(abs(loss.value * unit - stored) < 1e-6 * stored, "\(name)")
        }
    }
}
