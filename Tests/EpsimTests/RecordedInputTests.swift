import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// Recorded files as people bring them: the right figures, or a note of what was made of them.
    @Suite struct RecordedInputTests {
        private func config(_ workload: String, layers: Int, experts: Int, topK: Int) -> String {
            """
            model: {layers: \(layers), hidden: 16, experts: \(experts), expert_ffn: 8}
            router: {top_k: \(topK)}
            workload: \(workload)
            cluster: {workers: 2}
            run: {steps: 5, warmup: 0, out: runs}

            """
        }

        private func predict(_ sandbox: Sandbox, _ arguments: [String] = []) async throws -> EpsimProcess.Result {
            let environment = ["EPSIM_HARDWARE": Sandbox.profiles]
            return try await sandbox.start(["predict", "c.yaml"] + arguments, environment: environment).finish()
        }

        private func write(_ path: String, _ tensors: [(TensorSpec, [Float])]) throws {
            let writer = try SafetensorsWriter(path: path, tensors: tensors.map(\.0))
            for (spec, values) in tensors {
                switch spec.dtype {
                case .f32: try writer.write(spec.name, atRow: 0, floats: values)
                default: try writer.write(spec.name, atRow: 0, integers: values.map { Int32($0) })
                }
            }
            try writer.finish()
        }

        /// Three tokens and three of padding, which would all go to experts 0 and 1. By numpy, of the three tokens:
        /// loads [2, 0, 0, 0, 0, 0, 2, 2], and the loss of transformers is 3.70668.
        @Test func paddingIsNotRouted() async throws {
            try await Sandbox.use { sandbox in
                let real: [Float] = [
                    1.498_174_5, -1.074_344_8, -1.873_127_7, -0.647_793_1, -1.859_733_3, -1.945_819_1, -0.077_559_4,
                    -1.254_291_7,
                    -0.923_230_6, -1.136_203_2, -0.296_984_6, -0.361_664, -1.495_285_9, -0.675_282_4, 0.935_527_4,
                    0.260_198_1,
                    1.397_895_8, -1.405_136_5, -1.033_436_4, -0.263_730_3, -0.756_693_4, 0.889_118_4, 0.132_475_3,
                    0.922_225_5,
                ]
                let padding = (0..<3).flatMap { _ in [9, 8, 0, 0, 0, 0, 0, 0] as [Float] }
                try write(
                    "\(sandbox.work)/logits.safetensors",
                    [
                        (TensorSpec(name: "router_logits", dtype: .f32, shape: [6, 8]), real + padding),
                        (TensorSpec(name: "attention_mask", dtype: .i32, shape: [6]), [1, 1, 1, 0, 0, 0]),
                        (TensorSpec(name: "loss_mask", dtype: .i32, shape: [6]), [0, 0, 1, 0, 0, 0]),
                    ]
                )
                let arguments = [
                    "route", "logits.safetensors", "--router", "mixtral", "--json", "--out", "out.safetensors",
                ]
                for name in ["logits.safetensors", "out.safetensors"] { sandbox.expect(name) }
                let result = try await sandbox.start(arguments).finish(within: 30)
                #expect(result.code == 0, "\(result.errors)")
                let report = try JSON(parsing: result.output)
                #expect(report.number("copies") == 6)
                #expect(abs((report.number("load.expert.imbalance.mean") ?? 0) - 8.0 / 3) < 1e-9)
                let text = try await sandbox.start(Array(arguments.prefix(4))).finish(within: 30).output
                #expect(text.contains("3.707"))
                #expect(text.contains("note: 3 of 6 tokens are padding by attention_mask and count nowhere"))
                #expect(text.contains("mixtral does not read loss_mask of the file"))
                let routed = try SafetensorsFile(path: "\(sandbox.work)/out.safetensors")
                #expect(try routed.tensor(named: "layers.0.topk_index").integers(rows: 0..<3) == [0, 6, 6, 7, 0, 7])
                #expect(try routed.tensor(named: "layers.0.topk_index").rows == 3)
            }
        }

        /// Before any worker starts: file, tensor and place.
        @Test func numbersThatAreNotFiniteAreFoundBeforeTheStart() async throws {
            try await Sandbox.use { sandbox in
                var values = [Float](repeating: 1, count: 8 * 16)
                values[37] = .nan
                try write(
                    "\(sandbox.work)/h.safetensors",
                    [(TensorSpec(name: "hidden_states", dtype: .f32, shape: [8, 16]), values)]
                )
                sandbox.expect("h.safetensors")
                for (tokens, code) in [(2, 0), (8, 78)] as [(Int, Int32)] {
                    try sandbox.write(
                        "c.yaml",
                        config(
                            "{kind: activations, path: h.safetensors, tokens: \(tokens)}",
                            layers: 1,
                            experts: 4,
                            topK: 1
                        )
                        .replacing("steps: 5", with: "steps: 1")
                    )
                    let result = try await predict(sandbox)
                    let live = try await sandbox.start(["run", "c.yaml", "--out", sandbox.freshOut()]).finish(
                        within: 30
                    )
                    for result in [result, live] {
                        #expect(result.code == code, "\(result.errors)")
                        let message = "tensor \"hidden_states\": is nan at [2, 5]; finite numbers are allowed\n"
                        #expect(result.errors.contains(message) == (code == 78), "\(result.errors)")
                    }
                }
            }
        }

        /// The first of three layers is dense, as engines record it.
        @Test func denseLayersOfATraceAreLeftOut() async throws {
            try await Sandbox.use { sandbox in
                var ids: [Float] = []
                for token in 0..<16 { ids += [0, 0, token % 8, (token + 3) % 8, token % 3, 7].map { Float($0) } }
                try write(
                    "\(sandbox.work)/trace.safetensors",
                    [
                        (TensorSpec(name: "topk_ids", dtype: .i32, shape: [16, 3, 2]), ids)
                    ]
                )
                try sandbox.write(
                    "c.yaml",
                    config("{kind: trace, path: trace.safetensors, tokens: 16}", layers: 2, experts: 8, topK: 2)
                )
                sandbox.expect("trace.safetensors")
                let result = try await predict(sandbox, ["--json"])
                #expect(result.code == 0, "\(result.errors)")
                let report = try JSON(parsing: result.output)
                // Layer 1: every expert has 4 copies. Layer 2: expert 7 has 16, the others 6, 5 and 5.
                #expect(report.number("load.expert.imbalance.max") == 4)
                #expect(report.number("load.expert.imbalance.mean") == 2.5)
                #expect(result.output.contains("layer 0 of trace.safetensors holds zeros alone, as dense layers do"))
                let one = try await predict(sandbox, ["--set", "workload.layers=0-1"])
                #expect(
                    one.code == 78 && one.errors.contains("dense layers, which workload.layers leaves"),
                    "\(one.errors)"
                )
            }
        }

        /// Layer 0: 8 4 4 4, layer 1: 5 1 1 1, by addition.
        @Test(arguments: ["loads.json", "recorder.pt"])
        func stepsOfLoadsAreSummed(name: String) async throws {
            try await Sandbox.use { sandbox in
                let text = #"{"rank": 0, "logical_count": [[[5,1,2,3],[1,1,1,1]],[[3,3,2,1],[4,0,0,0]]]}"#
                try sandbox.write("loads.json", text)
                let dump = packageFolder("Tests/TensorsTests/Fixtures/recorder.pt")
                try FileManager.default.copyItem(atPath: dump, toPath: "\(sandbox.work)/recorder.pt")
                sandbox.expect("recorder.pt")
                try sandbox.write(
                    "c.yaml",
                    config("{kind: loads, path: \(name), tokens: 16000}", layers: 2, experts: 4, topK: 1)
                )
                let expected = try await predict(sandbox, ["--set", "hardware.routing=expected", "--json"])
                #expect(expected.code == 0, "\(expected.errors)")
                // 8 of 20 copies and 5 of 8: 1.6 and 2.5 times the mean.
                let report = try JSON(parsing: expected.output)
                #expect(abs((report.number("load.expert.imbalance.mean") ?? 0) - 2.05) < 1e-9)
                let drawn = try JSON(parsing: await predict(sandbox, ["--json"]).output)
                #expect(abs((drawn.number("load.expert.imbalance.mean") ?? 0) - 2.05) < 0.02)
                #expect(expected.output.contains("logical_count holds 2 recorded steps, whose loads are summed"))
            }
        }

        @Test func tokensOfRanksAreUneven() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write(
                    "c.yaml",
                    config("{kind: synthetic, tokens_by_source: [96, 0]}", layers: 1, experts: 4, topK: 1)
                )
                for arguments in [[], ["--set", "hardware.routing=expected"]] {
                    let result = try await predict(sandbox, ["--json"] + arguments)
                    #expect(result.code == 0, "\(result.errors)")
                    let report = try JSON(parsing: result.output)
                    #expect(report.number("run.workload.tokens_per_step") == 96)
                }
                let live = try await sandbox.start(["run", "c.yaml", "--json"]).finish(within: 60)
                #expect(live.code == 0, "\(live.errors)")
                for (setting, message) in [
                    (
                        "workload.tokens_by_source=1,2,3",
                        "workload.tokens_by_source: found 3 numbers, allowed: 2, one for each rank"
                    ),
                    (
                        "workload.tokens=95",
                        "workload.tokens: found 95, allowed: 96, the sum of workload.tokens_by_source"
                    ),
                    (
                        "workload.tokens_by_source=0,0",
                        "workload.tokens_by_source: found a sum of 0, allowed: an integer from 1"
                    ),
                    (
                        "workload.change=drift",
                        "workload.change: found drift, allowed: burst, or none, as all experts are alike"
                    ),
                ] {
                    let result = try await predict(sandbox, ["--set", setting])
                    #expect(result.code == 78 && result.errors.contains(message), "\(result.errors)")
                }
            }
        }
    }
}
