import MoE
import Tensors
import TestSupport
import Testing

@testable import Workloads

@Suite("Recorded loads")
struct LoadsWorkloadTests {
    private let folder: TemporaryFolder
    private let seed: UInt64 = 3

    init() throws { folder = try TemporaryFolder() }

    private func file(_ text: String) throws -> String {
        try folder.write(Array(text.utf8), as: "loads-\(UInt32.random(in: 0...UInt32.max)).json")
    }

    private func shape(layers: Int, experts: Int) -> ModelShape {
        ModelShape(
            layers: layers,
            experts: experts,
            expert: ExpertShape(hidden: 8, ffn: 8, activation: .swiglu)
        )
    }

    private func workload(
        _ path: String,
        layers: Int = 1,
        experts: Int = 4,
        topK: Int = 2,
        limit: GroupChoice? = nil,
        tokens: Int = 64
    ) throws -> LoadsWorkload {
        try LoadsWorkload(
            path: path,
            tokensPerStep: tokens,
            model: shape(layers: layers, experts: experts),
            topK: topK,
            limit: limit,
            seed: seed
        )
    }

    private func choices(_ workload: LoadsWorkload, step: Int = 0, layer: Int = 0) throws -> RecordedChoices {
        guard case .recorded(let choices) = try workload.gate(step: step, layer: layer) else {
            throw WorkloadError(file: "", message: "no choices")
        }
        return choices
    }

    /// Every expert is chosen as often as its share says, within what drawing allows.
    @Test func sharesAreThoseOfTheFile() throws {
        let counts = (0..<32).map { (expert: Int) -> Double in Double(1 + (expert * 5) % 7 + expert / 8) }
        let path = try file(#"{"logical_count": [\#([Double](repeating: 0, count: 32)), \#(counts)]}"#)
        let (tokens, topK) = (40_000, 6)
        let workload = try workload(path, experts: 32, topK: topK, tokens: tokens)
        var found = [Double](repeating: 0, count: 32)
        let drawn = try choices(workload)
        for expert in drawn.experts { found[Int(expert)] += 1 }
        for token in 0..<tokens { #expect(Set(drawn.experts[token * topK..<(token + 1) * topK]).count == topK) }
        let sum = counts.reduce(0, +)
        for expert in 0..<32 {
            let expected = counts[expert] / sum * Double(tokens * topK)
            // Rosén's weights are right for many experts; with 32 they are within 3 %.
            #expect(abs(found[expert] - expected) < 0.03 * expected + 5 * expected.squareRoot(), "seed \(seed)")
        }
    }

    @Test func tokensKeepToTheirGroups() throws {
        let path = try file(#"{"logical_count": [[9,1,1,1, 2,2,2,2, 1,1,1,1, 3,1,1,3]]}"#)
        let limit = GroupChoice(groups: 4, kept: 2)
        let drawn = try choices(try workload(path, experts: 16, topK: 3, limit: limit, tokens: 2000))
        var groups: Set<Int32> = []
        for token in 0..<2000 {
            let ofToken = Set(drawn.experts[token * 3..<(token + 1) * 3].map { $0 / 4 })
            #expect(ofToken.count <= 2)
            groups.formUnion(ofToken)
        }
        #expect(groups.count == 4)
    }

    /// Experts that hardly anybody chooses do not make drawing last: the rest of a token is drawn from what is left.
    @Test func drawingEndsWhateverTheShares() throws {
        let path = try file(#"{"logical_count": [[1000000, 1000000, 1, 0, 0, 0, 0, 1]]}"#)
        let drawn = try choices(try workload(path, experts: 8, topK: 2, tokens: 500))
        for token in 0..<500 { #expect(drawn.experts[2 * token] != drawn.experts[2 * token + 1]) }
        #expect(!drawn.experts.contains { (3...6).contains($0) })
    }

    @Test func aStepIsTheSameWhoeverAsks() throws {
        let path = try file(#"{"logical_count": [[1,2,3,4],[4,3,2,1]]}"#)
        let (one, other) = (try workload(path, layers: 2), try workload(path, layers: 2))
        let batch = try one.batch(step: 7)
        guard case .recorded(let layers) = batch.gate else { throw WorkloadError(file: "", message: "no choices") }
        #expect(layers == [try choices(other, step: 7, layer: 0), try choices(other, step: 7, layer: 1)])
        #expect(try choices(one, step: 6) != layers[0])
        #expect(layers[0] != layers[1])
        #expect(batch.hidden.rows == 64)
        #expect(try one.outline(step: 7).tokens == 64)
    }

    @Test(arguments: [
        (
            "[",
            "is not valid JSON, or holds a number that is out of range or not whole, allowed: JSON with logical_count: [layers][experts] or [steps][layers][experts], tokens of each expert"
        ),
        ("{}", "holds no logical_count or global_physical_count, allowed: JSON with logical_count"),
        (
            #"{"logical_count": [1]}"#,
            "logical_count has shape [1], allowed: [layers][experts] or [steps][layers][experts]"
        ),
        (#"{"logical_count": [[0,0,0,0]]}"#, "holds no layer with any tokens"),
        (#"{"logical_count": [[1,-2,3,4]]}"#, "row 0, expert 1: found -2.0, allowed: a count from 0"),
        (
            #"{"logical_count": [[1,2,3,4],[1,2]]}"#,
            "at logical_count: list 1 has 2 elements, list 0 has 4; all need as many"
        ),
        (#"{"logical_count": [[1,2,3]]}"#, "holds 3 experts, but model.experts is 4"),
        (
            #"{"logical_count": [[9,1,1,1]]}"#,
            "layer 0: expert 0 has 0.75 of the copies; with 2 different experts per token"
        ),
        (#"{"logical_count": [[0,0,0,1]]}"#, "layer 0: expert 3 has 1.0 of the copies"),
    ])
    func aFileThatCannotBeIsRefused(text: String, message: String) throws {
        let path = try file(text)
        let error = #expect(throws: WorkloadError.self) { try workload(path) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.file == path)
    }

    @Test func theModelMustFitTheFile() throws {
        let path = try file(#"{"logical_count": [[1,1,1,1]]}"#)
        let cases: [(GroupChoice?, Int, Int, String)] = [
            (nil, 2, 2, "holds 1 layers, but model.layers is 2; at most 1 are allowed"),
            (GroupChoice(groups: 3, kept: 1), 1, 2, "4 experts in 3 groups: at most 64 equal groups are allowed"),
            (GroupChoice(groups: 4, kept: 1), 1, 2, "1 groups of 1 experts cannot give 2 a token"),
        ]
        for (limit, layers, topK, message) in cases {
            let error = #expect(throws: WorkloadError.self) {
                try workload(path, layers: layers, topK: topK, limit: limit)
            }
            #expect(error?.message == message)
        }
    }

    /// The mean of what is drawn by popularity is what the expected shares say.
    @Test func expectedSharesOfASyntheticGateAreThoseOfItsDraws() throws {
        let shape = shape(layers: 1, experts: 24)
        let workload = SyntheticWorkload(
            distribution: .zipf(exponent: 1),
            seed: seed,
            tokensPerStep: 20_000,
            model: shape
        )
        guard case .logits(let logits) = try workload.gate(step: 0, layer: 0) else {
            throw WorkloadError(file: "", message: "no logits")
        }
        let topK = 4
        var counts = [Double](repeating: 0, count: 24)
        for token in 0..<logits.rows {
            let row = Array(logits.row(token))
            for expert in (0..<24).sorted(by: { row[$0] > row[$1] }).prefix(topK) { counts[expert] += 1 }
        }
        let shares = workload.shares(step: 0, layer: 0, choices: topK)
        #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
        for expert in 0..<24 {
            let found = counts[expert] / Double(20_000 * topK)
            #expect(abs(found - shares[expert]) < 0.04 * shares[expert] + 0.001, "seed \(seed), expert \(expert)")
        }
    }

    @Test func aLayersGateIsThatOfTheBatch() throws {
        let workload = SyntheticWorkload(
            distribution: .uniform,
            seed: seed,
            tokensPerStep: 10,
            model: shape(layers: 3, experts: 4),
            sequenceTokens: 4
        )
        let batch = try workload.batch(step: 2)
        guard case .logits(let layers) = batch.gate else { throw WorkloadError(file: "", message: "no logits") }
        for layer in 0..<3 { #expect(try workload.gate(step: 2, layer: layer) == .logits(layers[layer])) }
        #expect(try workload.outline(step: 2) == StepOutline(tokens: 10, sequenceLengths: batch.sequenceLengths))
    }
}
