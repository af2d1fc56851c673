import Tensors
import Testing

@testable import MoE

/// Blocks of transformers; other files can be tried by naming their folder in `EPSIM_ORACLES`.
@Suite("Routers against transformers")
struct OracleTests {
    static let cases = CaseFile.all("safetensors", fixtures: "oracles", variable: "EPSIM_ORACLES")

    @Test func thereAreCases() {
        #expect(!Self.cases.isEmpty)
    }

    @Test(arguments: cases)
    func selectionsWeightsAndDropsAgree(oracle: CaseFile) throws {
        let prefix = try #require(oracle.longestPrefix(among: OracleFamily.names.keys), "no family has that name")
        let family = try #require(OracleFamily.names[prefix])
        let json = try oracle.json()
        let file = try SafetensorsFile(path: oracle.path("safetensors"))
        let logits = try file.matrix("io.router_logits")
        var batch = RouterBatch(logits)
        batch.sequenceLengths = sequences(json, tokens: logits.rows)

        var router = try RouterCatalog.router(named: family, options: OracleFamily.options(json))
        if var topK = router as? TopKRouter,
            let isBefore = json["config"]?["normalize_router_prob_before_dropping"]?.bool
        {
            topK.rule.normalization?.moment = isBefore ? .beforeDrop : .afterDrop
            router = topK
        }
        var state = RouterState()
        if let name = file.names.first(where: { $0.hasSuffix("e_score_correction_bias") }) {
            let bias = try file.tensor(named: name)
            state.selectionBias = try bias.floats(rows: 0..<bias.rows)
        }
        let routing = try router.route(batch, state: &state)
        try expectEqualChoices(routing.plan, file)
        try expectEqualLosses(routing.losses, file, topK: json["top_k"]?.int ?? 1)
        #expect(routing.plan.weightTarget == (family == "llama-4" ? .input : .output))
    }

    /// The number of sequences stands in the notes: `2 sequences of 16 tokens`.
    private func sequences(_ json: JSONValue, tokens: Int) -> [Int]? {
        let notes = json["notes"]?.array.compactMap(\.string) ?? []
        guard let note = notes.first(where: { $0.contains(" sequences of ") }),
            let count = note.split(separator: " ").first.flatMap({ Int($0) })
        else { return nil }
        return [Int](repeating: tokens / count, count: count)
    }

    private func expectEqualChoices(_ plan: DispatchPlan, _ file: SafetensorsFile) throws {
        let index = try file.tensor(named: "io.topk_index")
        let experts = try index.integers(rows: 0..<index.rows)
        let weights = try file.matrix("io.topk_weight").values
        let kept = try file.integers("io.kept") ?? [Int64](repeating: 1, count: experts.count)
        let topK = index.elementsPerRow
        #expect(plan.copies == experts.count)
        for token in 0..<plan.tokens {
            // Stored by descending weight; a bias orders by something else.
            let copies = plan.copies(ofToken: token)
            let stored = (token * topK..<(token + 1) * topK).sorted { experts[$0] < experts[$1] }
            for (copy, expected) in zip(copies.sorted { plan.expert[$0] < plan.expert[$1] }, stored) {
                #expect(Int64(plan.expert[copy]) == experts[expected], "token \(token)")
                #expect(plan.isKept(copy) == (kept[expected] == 1), "token \(token), expert \(experts[expected])")
                guard kept[expected] == 1 else { continue }
                let error = abs(plan.weight[copy] - weights[expected])
                #expect(error <= 1e-6 * abs(weights[expected]), "token \(token), expert \(experts[expected])")
            }
        }
    }

    private func expectEqualLosses(_ losses: [BalanceLoss], _ file: SafetensorsFile, topK: Int) throws {
        for (tensor, name) in [("io.aux_loss", "switch auxiliary"), ("io.z_loss", "router z")]
        where file.names.contains(tensor) {
            let stored = Double(try file.tensor(named: tensor).floats(rows: 0..<1)[0])
            let loss = try #require(losses.first { $0.name == name })
            // transformers gives k at balance.
            let unit = name == "router z" ? 1 : Double(topK) / (loss.valueAtBalance ?? 1)
            #expect(abs(loss.value * unit - stored) < 1e-6 * stored, "\(name)")
        }
    }
}

extension SafetensorsFile {
    /// A tensor with two dimensions, or one row per number.
    fileprivate func matrix(_ name: String) throws -> Matrix {
        let tensor = try tensor(named: name)
        return Matrix(
            rows: tensor.rows,
            columns: tensor.elementsPerRow,
            values: try tensor.floats(rows: 0..<tensor.rows)
        )
    }

    /// A tensor of integers, where the file has it.
    fileprivate func integers(_ name: String) throws -> [Int64]? {
        guard names.contains(name) else { return nil }
        let tensor = try tensor(named: name)
        return try tensor.integers(rows: 0..<tensor.rows)
    }
}
