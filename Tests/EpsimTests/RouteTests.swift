import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim route`: routers alone, against blocks of transformers and against runs.
    @Suite struct RouteTests {
        /// A block of transformers, and the router with the options of its config.
        struct Oracle: CustomTestStringConvertible, Sendable {
            let name: String
            let router: String
            let options: [String]

            init(_ name: String, _ router: String, _ options: String...) {
                self.name = name
                self.router = router
                self.options = options
            }

            var testDescription: String { name }

            var path: String { CaseFile(name, folder: fixtureFolder("oracles")).path("safetensors") }

            /// What comes behind `epsim route FILE`.
            var arguments: [String] { ["--router", router] + options.flatMap { ["--set", "router.\($0)"] } }
        }

        static let oracles = [
            Oracle("mixtral", "mixtral"),
            Oracle("olmoe", "olmoe", "top_k=4"),
            Oracle("qwen3_moe", "qwen3-moe", "top_k=4"),
            Oracle("dbrx", "dbrx"),
            Oracle("gpt_oss", "gpt-oss"),
            Oracle("llama4", "llama-4"),
            Oracle("phimoe", "phimoe"),
            Oracle("deepseek_v2", "deepseek-v2", "top_k=3", "groups=4", "groups_kept=2"),
            Oracle("nllb_moe", "nllb", "training=false", "capacity_of=token-fraction", "capacity_factor=1"),
        ]

        private func route(
            _ sandbox: Sandbox,
            _ path: String,
            _ arguments: [String]
        ) async throws -> EpsimProcess.Result {
            try await sandbox.start(["route", path] + arguments).finish(within: 30)
        }

        @Test(arguments: oracles)
        func choicesAreThoseOfTransformers(oracle: Oracle) async throws {
            try await Sandbox.use { sandbox in
                let common = ["--tensor", "io.router_logits", "--require-same"]
                let result = try await route(sandbox, oracle.path, oracle.arguments + common)
                #expect(result.code == 0, "\(result.errors)\(result.output)")
                #expect(result.output.hasSuffix("\nSAME\n"))
            }
        }

        @Test func capacityPerSequenceAndSelectionBiasAreThoseOfTransformers() async throws {
            try await Sandbox.use { sandbox in
                let slots = ["capacity_of=slots", "capacity_factor=2", "capacity_scope=sequences"]
                let switched = Oracle("switch_transformers", "switch-transformers")
                let common =
                    ["--tensor", "io.router_logits", "--require-same"] + slots.flatMap { ["--set", "router.\($0)"] }
                let cut = try await route(
                    sandbox,
                    switched.path,
                    switched.arguments + common + ["--sequence-tokens", "12"]
                )
                #expect(cut.code == 0, "\(cut.errors)\(cut.output)")
                let whole = try await route(sandbox, switched.path, switched.arguments + common)
                #expect(whole.code == 1, "one sequence of 24 tokens has half the places")

                let biased = Oracle("deepseek_v3", "deepseek-v3", "top_k=3", "groups=4", "groups_kept=2")
                let path = try copy(biased.path, to: sandbox, bias: "model.layers.3.mlp.gate.e_score_correction_bias")
                let result = try await route(sandbox, path, biased.arguments + ["--require-same"])
                #expect(result.code == 0, "\(result.errors)\(result.output)")
                let without = biased.arguments + ["--tensor", "io.router_logits"]
                let unbiased = try await route(sandbox, biased.path, without)
                #expect(unbiased.code == 0 && unbiased.output.contains("\nDIFFERENT: "))
                #expect(unbiased.output.contains("the file holds no selection_bias"))
                #expect(try await route(sandbox, biased.path, without + ["--require-same"]).code == 1)
            }
        }

        /// An oracle's routing under the plain names, with a tensor as its selection bias.
        private func copy(_ path: String, to sandbox: Sandbox, bias: String) throws -> String {
            let file = try SafetensorsFile(path: path)
            let tensors = [
                ("io.router_logits", "router_logits"), ("io.topk_weight", "topk_weight"), (bias, "selection_bias"),
            ]
            let index = try file.tensor(named: "io.topk_index")
            let views = try tensors.map { (try file.tensor(named: $0.0), $0.1) }
            let name = "biased.safetensors"
            sandbox.expect(name)
            let writer = try SafetensorsWriter(
                path: "\(sandbox.work)/\(name)",
                tensors: views.map { TensorSpec(name: $0.1, dtype: .f32, shape: $0.0.shape) }
                    + [TensorSpec(name: "topk_index", dtype: .i64, shape: index.shape)]
            )
            for (view, name) in views { try writer.write(name, atRow: 0, floats: view.floats(rows: 0..<view.rows)) }
            try writer.write("topk_index", atRow: 0, integers: index.integers(rows: 0..<index.rows))
            try writer.finish()
            return name
        }

        @Test(arguments: [
            ["router.kind=softmax-top-k", "router.top_k=3"],
            ["router.kind=loss-free", "router.top_k=2", "router.bias_rate=0.1"],
            ["router.kind=switch", "router.capacity_factor=0.5"],
            ["router.kind=noisy-top-k", "router.top_k=2"],
            ["router.kind=hierarchical", "router.hierarchy_groups=4", "router.top_k=1"],
        ])
        func choicesAreThoseOfARun(settings: [String]) async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("run.safetensors")
                let set = settings.flatMap { ["--set", $0] }
                let run = try await sandbox.run(set + ["--save-outputs", "run.safetensors", "--set", "run.warmup=0"])
                #expect(run.result.code == 0, "\(run.result.errors)")
                let name = settings[0].split(separator: "=")[1]
                let arguments = ["--router", String(name)] + settings.dropFirst().flatMap { ["--set", $0] }
                let common = ["--tokens", "48", "--require-same", "--tolerance", "0", "--json"]
                let result = try await route(sandbox, "run.safetensors", arguments + common)
                #expect(result.code == 0, "\(result.errors)")
                let report = try JSON(parsing: result.output)
                #expect(report.number("agreement.tokens") == 480)
                #expect(report.number("agreement.same_tokens") == 480)
                for figure in ["load.expert.maxvio.mean", "load.importance.cv.max", "load.dropped.copies"] {
                    #expect(report.number(figure) == run.report.number(figure), "\(figure)")
                }
                #expect(report.elements("steps").count == 5 && report.elements("layers").count == 2)
            }
        }

        @Test func outputIsATraceThatARunReplays() async throws {
            try await Sandbox.use { sandbox in
                for name in ["routed.safetensors", "replayed.safetensors"] { sandbox.expect(name) }
                // Expert choice gives some tokens many copies and others none.
                let arguments = [
                    "--tensor", "io.router_logits", "--router", "expert-choice", "--out", "routed.safetensors",
                ]
                let routed = try await route(sandbox, Oracle("mixtral", "").path, arguments)
                #expect(routed.code == 0, "\(routed.errors)")
                let settings = [
                    "workload.kind=trace", "workload.path=routed.safetensors", "workload.tokens=24", "model.layers=1",
                    "router.top_k=8", "run.warmup=0",
                ]
                let run = try await sandbox.run(
                    settings.flatMap { ["--set", $0] } + [
                        "--steps", "1", "--save-outputs", "replayed.safetensors", "--verify",
                    ]
                )
                #expect(run.result.code == 0, "\(run.result.errors)")
                let (first, second) = try (choices(sandbox, "routed"), choices(sandbox, "replayed"))
                #expect(first.contains(-1) && first == second)
                let again = try await route(
                    sandbox,
                    "routed.safetensors",
                    ["--router", "expert-choice", "--require-same"]
                )
                #expect(again.code == 0, "\(again.errors)\(again.output)")
            }
        }

        private func choices(_ sandbox: Sandbox, _ name: String) throws -> [Int64] {
            let file = try SafetensorsFile(path: "\(sandbox.work)/\(name).safetensors")
            let index = try file.tensor(named: "layers.0.topk_index")
            return try index.integers(rows: 0..<index.rows)
        }

        @Test func aRouterThatLearnsDoesSoBetweenSteps() async throws {
            try await Sandbox.use { sandbox in
                let name = "skewed.safetensors"
                sandbox.expect(name)
                let random = CounterRandom(seed: 3, purpose: .test)
                // Expert e is 0.1 e ahead of expert 0.
                let values = (0..<40 * 64 * 8).map { random.uniform($0) * 2 - 1 + 0.1 * Float($0 % 8) }
                let spec = TensorSpec(name: "layers.5.router_logits", dtype: .f32, shape: [40 * 64, 8])
                let writer = try SafetensorsWriter(path: "\(sandbox.work)/\(name)", tensors: [spec])
                try writer.write(spec.name, atRow: 0, floats: values)
                try writer.finish()
                let arguments = ["--router", "loss-free", "--set", "router.top_k=2", "--tokens", "64", "--json"]
                func maxvio(_ rate: String) async throws -> [Double] {
                    let result = try await route(sandbox, name, arguments + ["--set", "router.bias_rate=\(rate)"])
                    let report = try JSON(parsing: result.output)
                    #expect(report.elements("layers").first?.number("layer") == 5)
                    return report.elements("steps").compactMap { $0.number("load.expert.maxvio.mean") }
                }
                let (fixed, learnt) = try await (maxvio("0"), maxvio("0.01"))
                #expect(fixed.count == 40 && learnt.count == 40 && fixed[0] == learnt[0])
                func tail(_ values: [Double]) -> Double { values.suffix(10).reduce(0, +) / 10 }
                #expect(tail(learnt) < 0.6 * tail(fixed), "\(tail(learnt)) against \(tail(fixed))")
            }
        }

        @Test func aBalancedHashKnowsTheWholeText() async throws {
            try await Sandbox.use { sandbox in
                for name in ["run.safetensors", "words.txt"] { sandbox.expect(name) }
                // Word 0 is every second one, but not in the first step.
                let words = (0..<96).map { $0 < 48 ? 1 + $0 * $0 % 23 : $0 % 2 == 0 ? 0 : 1 + $0 * $0 % 23 }
                try sandbox.write(
                    "words.txt",
                    words.map { "word\(Character(UnicodeScalar(65 + UInt8($0))))" }.joined(separator: " ")
                )
                let settings = [
                    "router.kind=hash-balanced", "workload.kind=text", "workload.path=words.txt", "run.warmup=0",
                    "model.layers=1",
                ]
                let run = try await sandbox.run(
                    settings.flatMap { ["--set", $0] } + ["--steps", "2", "--save-outputs", "run.safetensors"]
                )
                #expect(run.result.code == 0, "\(run.result.errors)")
                let pairs = zip(words, try choices(sandbox, "run")).map { [Int64($0), $1] }
                #expect(pairs.count == 96)
                #expect(Set(pairs).count == Set(words).count, "a word has one expert in all steps")
            }
        }

        @Test func wrongInputIsNamed() async throws {
            try await Sandbox.use { sandbox in
                let mixtral = Oracle("mixtral", "").path
                let logits = ["--tensor", "io.router_logits"]
                func expect(
                    _ code: Int32,
                    _ message: String,
                    _ arguments: [String],
                    location: SourceLocation = #_sourceLocation
                ) async throws {
                    let result = try await sandbox.start(["route"] + arguments).finish(within: 10, location: location)
                    #expect(result.code == code, sourceLocation: location)
                    #expect(result.output == "", sourceLocation: location)
                    #expect(result.errors.contains(message), "\(result.errors)", sourceLocation: location)
                }
                try await expect(78, "did you mean mixtral?", [mixtral, "--router", "mixtrel"] + logits)
                try await expect(
                    78,
                    "holds neither \"router_logits\" nor \"layers.0.router_logits\"",
                    [mixtral, "--router", "mixtral"]
                )
                try await expect(
                    78,
                    "holds no \"io.noise_logits\", which the router reads",
                    [mixtral, "--router", "noisy-top-k"] + logits
                )
                try await expect(
                    78,
                    "holds no \"token_ids\", which hash reads",
                    [mixtral, "--router", "hash"] + logits
                )
                try await expect(
                    78,
                    "io.router_logits, tokens 0..<20: 20 tokens do not divide into 8 experts",
                    [mixtral, "--router", "base", "--tokens", "20"] + logits
                )
                try await expect(
                    78,
                    "router.top_k: found 9, allowed: at most 8",
                    [mixtral, "--router", "mixtral", "--set", "router.top_k=9"] + logits
                )
                try await expect(
                    78,
                    "model.layers: found a key of another section",
                    [mixtral, "--router", "mixtral", "--set", "model.layers=9"] + logits
                )
                try await expect(
                    78,
                    "router.logit_std: does not apply",
                    [mixtral, "--router", "mixtral", "--set", "router.logit_std=2"] + logits
                )
                try await expect(78, "none.safetensors: cannot be opened", ["none.safetensors", "--router", "mixtral"])
                try await expect(
                    64,
                    "--tokens 0: 1 or more",
                    [mixtral, "--router", "mixtral", "--tokens", "0"] + logits
                )
                try await expect(
                    64,
                    "must end in .safetensors",
                    [mixtral, "--router", "mixtral", "--out", "x"] + logits
                )
                try await expect(64, "Missing expected argument '--router", [mixtral] + logits)
                try await expect(
                    78,
                    "--out: found 'none/x.safetensors', allowed: a file in a folder that is there",
                    [mixtral, "--router", "mixtral", "--out", "none/x.safetensors"] + logits
                )
            }
        }

        /// Sigmoids of 1 and 1.0078125 are 0.731059 and 0.732592: 187.15 and 187.54 / 256, of which bfloat16 makes two
        /// numbers; those of 1 and 1.005 one. The latter come as singles, with and without a word on their type.
        @Test func tiesAreThoseOfTheRecordsPrecision() async throws {
            try await Sandbox.use { sandbox in
                func write(_ name: String, _ logits: [Float], _ dtype: DType, metadata: [String: String] = [:]) throws {
                    sandbox.expect(name)
                    let writer = try SafetensorsWriter(
                        path: "\(sandbox.work)/\(name)",
                        tensors: [
                            TensorSpec(name: "router_logits", dtype: dtype, shape: [1, 3]),
                            TensorSpec(name: "topk_index", dtype: .i32, shape: [1, 1]),
                        ],
                        metadata: metadata
                    )
                    try writer.write("router_logits", atRow: 0, floats: logits)
                    try writer.write("topk_index", atRow: 0, integers: [0] as [Int32])
                    try writer.finish()
                }
                try write("plain.safetensors", [1, 1.005, 0], .f32)
                try write("said.safetensors", [1, 1.005, 0], .f32, metadata: ["router_dtype": "torch.bfloat16"])
                try write("odd.safetensors", [1, 1.005, 0], .f32, metadata: ["dtype": "int4"])
                try write("short.safetensors", [1, 1.0078125, 0], .bf16)
                let router = ["--router", "llama-4", "--require-same"]
                func end(_ name: String, _ more: [String] = []) async throws -> (Int32?, String) {
                    let result = try await route(sandbox, "\(name).safetensors", router + more)
                    return (result.code, result.output.split(separator: "\n").last.map(String.init) ?? result.errors)
                }
                #expect(try await end("plain") == (1, "DIFFERENT: 1 token"))
                #expect(try await end("plain", ["--precision", "bf16"]) == (0, "SAME but for 1 tie"))
                #expect(try await end("said") == (0, "SAME but for 1 tie"))
                #expect(try await end("said", ["--precision", "f32"]) == (1, "DIFFERENT: 1 token"))
                #expect(try await end("short") == (1, "DIFFERENT: 1 token"))
                let odd = try await end("odd")
                #expect(odd.0 == 78 && odd.1.contains("metadata \"dtype\": found \"int4\", allowed: float32, bfloat16"))
            }
        }

        @Test func comparingNeedsARecord() async throws {
            try await Sandbox.use { sandbox in
                sandbox.expect("bare.safetensors")
                let spec = TensorSpec(name: "router_logits", dtype: .f32, shape: [1, 2])
                let writer = try SafetensorsWriter(path: "\(sandbox.work)/bare.safetensors", tensors: [spec])
                try writer.write("router_logits", atRow: 0, floats: [0, 1])
                try writer.finish()
                let arguments = ["--router", "mixtral", "--require-same"]
                let result = try await route(sandbox, "bare.safetensors", arguments)
                #expect(result.code == 78)
                #expect(
                    result.messages == [
                        "epsim: bare.safetensors: holds no \"topk_index\" beside \"router_logits\", which "
                            + "--require-same compares with"
                    ]
                )
                let plain = try await route(sandbox, "bare.safetensors", ["--router", "mixtral"])
                #expect(plain.code == 0 && !plain.output.contains("SAME"))
            }
        }
    }
}
