import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// Blocks of Hugging Face transformers, run from their checkpoints over real workers; other files can be tried by
    /// naming their folder in `EPSIM_ORACLES`.
    @Suite struct OracleRunTests {
        @Test(arguments: OracleCase.files, [1, 2, 4])
        func outputIsThatOfTransformers(file: CaseFile, workers: Int) async throws {
            let oracle = try OracleCase(file)
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(
                    ["--workers", "\(workers)", "--save-outputs", "out.safetensors"],
                    config: try configuration(oracle, sandbox),
                    seconds: 60
                )
                #expect(run.result.code == 0, "\(run.result.errors)")
                let found = try RunOutputs(path: "\(sandbox.work)/out.safetensors")
                try expectEqualChoices(found, oracle)
                try expectEqualOutputs(found, oracle)
            }
        }

        /// Writes the configuration, and a folder with a link to the weights and the `config.json` of their model.
        private func configuration(_ oracle: OracleCase, _ sandbox: Sandbox) throws -> String {
            for name in ["model", "out.safetensors"] { sandbox.expect(name) }
            let folder = "\(sandbox.work)/model"
            let weights = "\(folder)/model.safetensors"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(atPath: weights, withDestinationPath: oracle.weights)
            try oracle.configuration().write(to: URL(fileURLWithPath: "\(folder)/config.json"))
            let tokens = try oracle.recorded("input").rows
            let sequences = oracle.sequenceTokens(of: tokens).map { ", sequence_tokens: \($0)" } ?? ""
            let family = try oracle.family() + (oracle.isInDecoder ? "-decoder" : "")
            try sandbox.write(
                "oracle.yaml",
                """
                model: {checkpoint: \(weights), family: \(family), layer: \(try oracle.layer()), norm: none}
                workload: {kind: activations, path: \(weights), tensor: io.input, tokens: \(tokens)\(sequences)}
                run: {steps: 1, warmup: 0}

                """
            )
            return "oracle.yaml"
        }

        /// Weights agree to 1e-6, and what the rounding of the token's logits explains: a weight moves by at most twice
        /// as much as a logit.
        private func expectEqualChoices(_ found: RunOutputs, _ oracle: OracleCase) throws {
            let experts = try oracle.recordedIntegers("topk_index")
            let weights = try oracle.recorded("topk_weight")
            let logits = try oracle.recorded("router_logits")
            let kept = try oracle.kept()
            try #require(found.experts.count == experts.count)
            for token in 0..<weights.rows {
                let drift = zip(found.logits.row(token), logits.row(token)).map { abs($0 - $1) }.max() ?? 0
                // Stored by descending weight; a selection bias orders by something else.
                let row = token * weights.columns..<(token + 1) * weights.columns
                let expected = row.sorted { experts[$0] < experts[$1] }
                for (copy, stored) in zip(row.sorted { found.experts[$0] < found.experts[$1] }, expected) {
                    #expect(found.experts[copy] == experts[stored], "token \(token)")
                    #expect(found.kept[copy] == kept[stored], "token \(token), expert \(experts[stored])")
                    guard kept[stored] == 1 else { continue }
                    let (weight, wanted) = (found.weights[copy], weights.values[stored])
                    let limit = (1e-6 + 2 * drift) * abs(wanted)
                    #expect(abs(weight - wanted) <= limit, "token \(token): \(weight), not \(wanted)")
                }
            }
        }

        private func expectEqualOutputs(_ found: RunOutputs, _ oracle: OracleCase) throws {
            let logits = try oracle.recorded("router_logits")
            #expect(largestError(found.logits, logits) <= 1e-5)
            let output = try oracle.recorded("output")
            #expect(largestError(found.output, output) <= 2e-5)
            guard try oracle.has("shared_output") else { return }
            let shared = try #require(found.shared, "no shared output")
            #expect(largestError(shared, try oracle.recorded("shared_output")) <= 2e-5)
        }

        /// The largest difference, relative to the largest expected value.
        private func largestError(_ found: Matrix, _ expected: Matrix) -> Float {
            guard found.rows == expected.rows, found.columns == expected.columns else { return .infinity }
            let scale = expected.values.reduce(0) { max($0, abs($1)) }
            let errors = zip(found.values, expected.values).map { abs($0 - $1) / scale }
            return errors.contains { $0.isNaN } ? .nan : errors.max() ?? 0
        }
    }
}

/// What `--save-outputs` wrote for the first layer.
private struct RunOutputs {
    let logits: Matrix
    let experts: [Int64]
    let weights: [Float]
    let kept: [Int64]
    let output: Matrix
    let shared: Matrix?

    init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        func matrix(_ name: String) throws -> Matrix {
            let view = try file.tensor(named: "layers.0." + name)
            return Matrix(rows: view.rows, columns: view.elementsPerRow, values: try view.floats(rows: 0..<view.rows))
        }
        func integers(_ name: String) throws -> [Int64] {
            let view = try file.tensor(named: "layers.0." + name)
            return try view.integers(rows: 0..<view.rows)
        }
        logits = try matrix("router_logits")
        experts = try integers("topk_index")
        weights = try matrix("topk_weight").values
        kept = try integers("kept")
        output = try matrix("output")
        shared = file.names.contains("layers.0.shared_output") ? try matrix("shared_output") : nil
    }
}
