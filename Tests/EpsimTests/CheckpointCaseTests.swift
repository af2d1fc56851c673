import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// Checkpoints of which a value that config.json gives, or leaves out, decides the output.
    @Suite struct CheckpointCaseTests {
        private static let cases = fixtureFolder("cases")

        @Test(arguments: ["fp8-block-size-ignored", "omitted-norm-topk-prob"])
        func outputIsRight(name: String) async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("out.safetensors")
                let (folder, out) = ("\(Self.cases)/\(name)", sandbox.freshOut())
                let result = try await sandbox.epsim(
                    "run",
                    "\(folder)/c.yaml",
                    "--quiet",
                    "--out",
                    out,
                    "--save-outputs",
                    "out.safetensors"
                )
                #expect(result.code == 0, "\(result.errors)")
                let right = try Self.tensor("output", in: "\(folder)/right.safetensors")
                let found = try Self.tensor("layers.0.output", in: "\(sandbox.work)/out.safetensors")
                let scale = right.reduce(0) { max($0, abs($1)) }
                try #require(!right.isEmpty && found.count >= right.count)
                let worst = zip(found, right).map { abs($0 - $1) }.max() ?? .infinity
                #expect(worst <= 1e-5 * scale, "\(worst) of \(scale)")
            }
        }

        private static func tensor(_ name: String, in path: String) throws -> [Float] {
            let view = try SafetensorsFile(path: path).tensor(named: name)
            return try view.floats(rows: 0..<view.rows)
        }

        /// The report says what was forced, and the header of the run.
        @Test func aForcedFamilyIsSaid() async throws {
            try await Sandbox.use { sandbox in
                for name in ["config.json", "model.safetensors"] { sandbox.expect(name) }
                let oracle = try OracleCase.fixture("mixtral")
                try FileManager.default.createSymbolicLink(
                    atPath: "\(sandbox.work)/model.safetensors",
                    withDestinationPath: oracle.weights
                )
                try sandbox.write("config.json", #"{"model_type": "fancy", "num_experts_per_tok": 2}"#)
                try sandbox.write(
                    "run.yaml",
                    """
                    model: {checkpoint: model.safetensors, norm: none}
                    workload: {kind: activations, path: model.safetensors, tensor: io.input, tokens: 24}
                    cluster: {workers: 2}
                    run: {steps: 5, warmup: 0}

                    """
                )
                let refused = try await sandbox.epsim("run", "run.yaml", "--out", sandbox.freshOut())
                #expect(refused.code == 78)
                #expect(refused.errors.contains("found model_type \"fancy\" in "), "\(refused.errors)")
                #expect(
                    refused.errors.contains("model.family mixtral, phimoe or minimax-01 would force"),
                    "\(refused.errors)"
                )
                let (out, force) = (sandbox.freshOut(), "model.family=mixtral")
                let run = try RunRecord(
                    try await sandbox.epsim("run", "run.yaml", "--set", force, "--out", out),
                    out: out
                )
                #expect(run.status == "valid")
                #expect(run.report.string("run.checkpoint.forced_on") == "model_type \"fancy\"")
                #expect(run.result.output.contains("family mixtral, forced on model_type \"fancy\""))
                let predicted = try await sandbox.epsim(
                    "predict",
                    "run.yaml",
                    "--set",
                    force,
                    "--out",
                    sandbox.freshOut()
                )
                #expect(predicted.code == 0, "\(predicted.errors)")
                for text in ["family mixtral, forced on model_type \"fancy\"", "note: family mixtral was forced by"] {
                    #expect(predicted.output.contains(text), "\(predicted.output)")
                }
                let note =
                    "family mixtral was forced by model.family (flag --set): config.json says model_type \"fancy\""
                #expect(run.report.strings("notes").contains { $0.hasPrefix(note) }, "\(run.report.strings("notes"))")
            }
        }
    }
}
