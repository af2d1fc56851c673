import Foundation
import Tensors
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim trace`: recorded routing of each form, from the file to a run that replays it.
    @Suite struct TraceCommandTests {
        /// Choices [token, layer, k] that all files hold: 3 tokens, 2 layers, 2 of 5 experts.
        private static let experts = [[[0, 4], [1, 2]], [[4, 3], [1, 0]], [[4, 0], [2, 1]]]
        private static let weights = [
            [[0.5, 0.25], [1, 0.0625]], [[0.75, 0.125], [2, 0.5]], [[1, 0.5], [0.25, 3]],
        ]

        private static var flat: [(token: Int, layer: Int, choice: Int, expert: Int, weight: Double)] {
            experts.indices.flatMap { token in
                (0..<2).flatMap { layer in
                    (0..<2).map { (token, layer, $0, experts[token][layer][$0], weights[token][layer][$0]) }
                }
            }
        }

        private static var csv: String {
            "token,layer,expert,weight\n" + flat.map { "\($0.token),\($0.layer),\($0.expert),\($0.weight)\n" }.joined()
        }

        private static var lines: String {
            zip(experts, weights).map { "{\"experts\": \($0), \"weights\": \($1)}\n" }.joined()
        }

        /// The choices with the layers outermost, as a `.npy` file.
        private static var npy: [UInt8] {
            let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 2), }"
            let ordered = flat.sorted { ($0.layer, $0.token, $0.choice) < ($1.layer, $1.token, $1.choice) }
            return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
                + ordered.map { UInt8($0.expert) }
        }

        @Test func theInputIsNotOverwritten() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("a.csv", Self.csv)
                sandbox.expect("a.safetensors")
                #expect(try await sandbox.epsim("trace", "convert", "a.csv", "a.safetensors").code == 0)
                let before = FileManager.default.contents(atPath: "\(sandbox.work)/a.safetensors")
                let refused = try await sandbox.epsim("trace", "convert", "a.safetensors", "./a.safetensors")
                #expect(
                    refused.code == 78
                        && refused.errors
                            == "epsim: convert: found './a.safetensors', which this command reads, allowed: another file\n"
                )
                #expect(FileManager.default.contents(atPath: "\(sandbox.work)/a.safetensors") == before)
            }
        }

        private func writeTensors(_ path: String) throws {
            let specs = [
                TensorSpec(name: "e", dtype: .i64, shape: [3, 2, 2]),
                TensorSpec(name: "w", dtype: .bf16, shape: [3, 2, 2]),
            ]
            let writer = try SafetensorsWriter(path: path, tensors: specs)
            try writer.write("e", atRow: 0, integers: Self.flat.map { Int64($0.expert) })
            try writer.write("w", atRow: 0, floats: Self.flat.map { Float($0.weight) })
            try writer.finish()
        }

        @Test(arguments: [
            ("a.csv", [], true), ("a.jsonl", [], true), ("a.npy", ["--axes", "layer,token,k"], false),
            ("a.safetensors", ["--ids", "e", "--weights", "w"], true),
        ])
        func eachFormIsReplayed(name: String, arguments: [String], hasWeights: Bool) async throws {
            try await Sandbox.use { sandbox in
                switch name {
                case "a.csv": try sandbox.write(name, Self.csv)
                case "a.jsonl": try sandbox.write(name, Self.lines)
                case "a.npy": try sandbox.write(name, Self.npy)
                default:
                    sandbox.expect(name)
                    try writeTensors("\(sandbox.work)/\(name)")
                }
                let info = try await sandbox.start(["trace", "info", name, "--json"] + arguments).finish()
                #expect(info.code == 0, "\(info.errors)")
                let report = try JSON(parsing: info.output)
                #expect(report.number("tokens") == 3 && report.number("choices_per_token") == 2)
                #expect(report.number("experts_seen") == 5)
                let layers = report.elements("layers")
                #expect(layers.map { $0.number("imbalance") } == [2.5, 2.5])
                #expect(layers.map { $0.number("never_chosen") } == [2, 2])
                #expect(layers.map { $0.elements("loads").map(\.int) } == [[2, 0, 0, 1, 3], [1, 3, 2, 0, 0]])

                sandbox.expect("trace.safetensors")
                let all = ["trace", "convert", name, "trace.safetensors", "--experts", "8"] + arguments
                let converted = try await sandbox.start(all).finish()
                // Of a tensor alone, nothing tells the order of its axes.
                let note =
                    "epsim: \"e\" [3, 2, 2] is read as [token, layer, k]; epsim trace convert --axes names another order\n"
                let said = name == "a.safetensors" ? note : ""
                #expect(converted.code == 0 && converted.errors == said, "\(converted.errors)")
                let (first, rest) = (converted.output.prefix { $0 != "\n" }, converted.output.drop { $0 != "\n" })
                let weights = hasWeights ? "with weights" : "without weights"
                #expect(first == "trace.safetensors: 3 tokens, 2 layers, top-2, 5 experts seen, \(weights)")

                // The lines are a configuration as they stand.
                try sandbox.write("replay.yaml", rest + "cluster: {workers: 2}\n")
                sandbox.expect("replayed.safetensors")
                let run = try await sandbox.start(
                    [
                        "run", "replay.yaml", "--quiet", "--steps", "1", "--set", "run.warmup=0", "--save-outputs",
                        "replayed.safetensors",
                    ]
                ).finish(within: 60)
                #expect(run.code == 0, "\(run.errors)")
                let file = try SafetensorsFile(path: "\(sandbox.work)/replayed.safetensors")
                for layer in 0..<2 {
                    let expected = Self.flat.filter { $0.layer == layer }
                    let ids = try file.tensor(named: "layers.\(layer).topk_index").integers(rows: 0..<3)
                    #expect(ids == expected.map { Int64($0.expert) })
                    let replayed = try file.tensor(named: "layers.\(layer).topk_weight").floats(rows: 0..<3)
                    if hasWeights { #expect(replayed == expected.map { Float($0.weight) }) }
                }
            }
        }

        @Test func whatIsReadIsShown() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("a.csv", Self.csv)
                let result = try await sandbox.epsim("trace", "info", "a.csv")
                #expect(result.code == 0)
                #expect(
                    result.output == """
                        3 tokens, 2 layers, top-2, 5 experts seen, with weights
                        a.csv: CSV, a row per choice; weights

                        layer   imbalance  busiest  never chosen  no choice  chosen twice
                               max / mean   expert  of 5 experts    choices       choices
                            0       2.500        4             2          0             0
                            1       2.500        1             2          0             0

                        """
                )
                sandbox.expect("ids.npy")
                let ids = try await sandbox.epsim("trace", "convert", "a.csv", "ids.npy", "--layers", "1")
                #expect(ids.code == 0)
                #expect(
                    ids.errors == "epsim: ids.npy holds the choices alone; weights would go into a .safetensors file\n"
                )
                let tensor = try openTensorFile("\(sandbox.work)/ids.npy").tensor(named: "ids")
                #expect(tensor.shape == [3, 1, 2])
                #expect(try tensor.integers(rows: 0..<3) == [1, 2, 1, 0, 2, 1])
            }
        }

        @Test func wrongInputHasACodeOfItsOwn() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("a.csv", "token,layer,e0,e1\n0,0,0,0\n0,1,2,3\n")
                let twice = try await sandbox.epsim("trace", "convert", "a.csv", "out.safetensors")
                #expect(twice.code == 78)
                #expect(
                    twice.errors
                        == "epsim: a.csv: line 2: token 0, layer 0: expert 0 is chosen twice; the experts of a "
                        + "token must differ; a layer of zeros alone has no experts, and --layers can leave it out\n"
                )
                sandbox.expect("out.safetensors")
                #expect(
                    try await sandbox.epsim("trace", "convert", "a.csv", "out.safetensors", "--layers", "1").code == 0
                )
                let few = try await sandbox.epsim("trace", "info", "a.csv", "--experts", "3")
                #expect(few.code == 78)
                #expect(
                    few.errors == "epsim: a.csv: expert 3 was chosen, but --experts is 3; at least 4 are needed\n"
                )
                let folder = try await sandbox.epsim("trace", "convert", "a.csv", "no/out.npy", "--layers", "1")
                #expect(folder.code == 78 && folder.errors.contains("convert: found 'no/out.npy'"))
                #expect(try await sandbox.epsim("trace", "info", "b.csv").code == 78)
            }
        }

        @Test(arguments: [
            (["info", "a.csv", "b.npy"], "'b.npy': info reads one file and writes none"),
            (["convert", "a.csv"], "convert needs a file to write"),
            (["convert", "a.csv", "b.csv"], "'b.csv' must end in .safetensors or .npy"),
            (["convert", "a.csv", "b.npy", "--json"], "--json goes with info"),
            (["info", "a.npy", "--axes", "k,layer"], "--axes 'k,layer': allowed are token, layer and k"),
            (["info", "a.npy", "--layers", "3-1"], "--layers '3-1': allowed are all"),
            (["info", "a.npy", "--experts", "0"], "--experts 0: 1 to 65535 are allowed"),
            (["show", "a.npy"], "info"),
        ])
        func wrongUsageIsRefused(arguments: [String], message: String) async throws {
            try await Sandbox.use { sandbox in
                let result = try await sandbox.start(["trace"] + arguments).finish()
                #expect(result.code == 64)
                #expect(result.errors.contains(message), "\(result.errors)")
            }
        }
    }
}
