import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// Wrong input ends a run before it begins: one error that names the place, and no run folder.
    @Suite struct InputTests {
        private func expect(
            _ code: Int32,
            _ words: String...,
            from arguments: [String],
            in sandbox: Sandbox,
            location: SourceLocation = #_sourceLocation
        ) async throws {
            let result = try await sandbox.start(arguments).finish(within: 10, location: location)
            #expect(result.code == code, "\(result.errors)", sourceLocation: location)
            #expect(result.output == "", sourceLocation: location)
            for part in words {
                #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: location)
            }
            let runs = (try? FileManager.default.contentsOfDirectory(atPath: "\(sandbox.work)/runs")) ?? []
            #expect(runs.isEmpty, "a run folder is left", sourceLocation: location)
        }

        @Test func wrongConfigurationIsNamedByPlace() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("bad.yaml", "model:\n  layrs: 2\nrun:\n  steps: many\n  seed: -1\n")
                try await expect(
                    78,
                    "bad.yaml:2:3: model.layrs: unknown key, did you mean model.layers?",
                    "bad.yaml:4:3: run.steps: found \"many\", allowed: an integer from 1 to 1000000",
                    "bad.yaml:5:3: run.seed: found -1",
                    from: ["run", "bad.yaml"],
                    in: sandbox
                )
                try await expect(78, "none.yaml: found no such file", from: ["run", "none.yaml"], in: sandbox)
                try await expect(
                    78,
                    "flag --workers: cluster.workers: found 9, allowed: at most 8, as model.experts is 8",
                    from: ["run", "tiny.yaml", "--workers", "9"],
                    in: sandbox
                )
            }
        }

        @Test func filesOfTheOtherKindAreNamed() async throws {
            try await Sandbox.use { sandbox in
                try sandbox.write("s.yaml", "config: tiny.yaml\ngrid: {cluster.workers: [1, 2]}\n")
                try sandbox.write("outer.yaml", "config: s.yaml\n")
                let configuration = "tiny.yaml: a configuration of a run, not a sweep file; 'epsim run' runs it\n"
                let sweep = "s.yaml: a sweep file, not a configuration of a run; 'epsim sweep' runs it\n"
                for (message, arguments) in [
                    (configuration, ["sweep", "tiny.yaml"]),
                    (configuration, ["predict", "tiny.yaml", "--goal", "latency"]),
                    (sweep, ["run", "s.yaml", "--steps", "3"]), (sweep, ["predict", "s.yaml"]),
                    (sweep, ["config", "show", "s.yaml"]), (sweep, ["sweep", "outer.yaml"]),
                ] {
                    let result = try await sandbox.start(arguments).finish()
                    #expect(result.code == 78 && result.errors == message, "\(arguments): \(result.errors)")
                }
                // Keys of both kinds: each that does not belong is named.
                try sandbox.write("both.yaml", "config: tiny.yaml\nmodel: {layers: 2}\n")
                try await expect(78, "both.yaml:1:1: config: unknown key", from: ["run", "both.yaml"], in: sandbox)
            }
        }

        @Test func wrongUsageIsCode64() async throws {
            try await Sandbox.use { sandbox in
                let run = ["run", "tiny.yaml"]
                try await expect(64, "Unknown option '--fast'", from: run + ["--fast"], in: sandbox)
                try await expect(
                    64,
                    "no figure is called 'balance'",
                    from: run + ["--require", "balance>1"],
                    in: sandbox
                )
                try await expect(64, "has no operator", from: run + ["--require", "imbalance"], in: sandbox)
                try await expect(64, "Usage: epsim run ", from: run + ["--require", "imbalance"], in: sandbox)
                try await expect(64, "must end in .safetensors", from: run + ["--save-outputs", "x"], in: sandbox)
                try await expect(
                    64,
                    "--cluster-name needs --cluster",
                    from: run + ["--cluster-name", "a"],
                    in: sandbox
                )
                try await expect(64, "Missing expected argument '--connect", from: ["worker"], in: sandbox)
                try await expect(64, "1 to 1024 are allowed", from: ["cluster", "up", "--workers", "0"], in: sandbox)
                try await expect(
                    64,
                    "letters, digits and dashes",
                    from: ["cluster", "down", "--name", "../x"],
                    in: sandbox
                )
                try await expect(
                    64,
                    "epsim: found command \"nonsense\", allowed: init, run, ",
                    from: ["nonsense"],
                    in: sandbox
                )
            }
        }

        @Test func modelBeyondTheMemoryIsRefused() async throws {
            try await Sandbox.use { sandbox in
                let large = ["model.layers=100", "model.experts=64", "model.hidden=8192", "model.expert_ffn=8192"]
                try await expect(
                    78,
                    "epsim: model: 100 layers of 64 experts, hidden 8192, expert_ffn 8192 in f32 need 4800.0 GiB of weights",
                    "GiB are free: lower model.layers",
                    from: ["run", "tiny.yaml"] + large.flatMap { ["--set", $0] },
                    in: sandbox
                )
                let largest = [
                    "model.layers=1024", "model.experts=65535", "model.hidden=65536", "model.expert_ffn=32768",
                ]
                try await expect(
                    78,
                    "GiB of weights",
                    from: ["run", "tiny.yaml"] + largest.flatMap { ["--set", $0] },
                    in: sandbox
                )
            }
        }

        @Test func remoteRunBeyondTheCoordinatorsMemoryIsRefused() async throws {
            try await Sandbox.use { sandbox in
                let large = ["model.hidden=65536", "workload.tokens=16777216"]
                let bind = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                try await expect(
                    78,
                    "GiB for tokens",
                    from: ["coordinator", "tiny.yaml", "--bind", bind] + large.flatMap { ["--set", $0] },
                    in: sandbox
                )
            }
        }

        @Test func damagedFilesAreNamed() async throws {
            try await Sandbox.use { sandbox in
                let header = #"{"topk_ids":{"dtype":"I32","shape":[4,2,2],"data_offsets":[0,64]}}"#
                func trace(_ name: String) -> [String] {
                    ["run", "tiny.yaml", "--set", "workload.kind=trace", "--set", "workload.path=\(name)"]
                }
                try sandbox.write("cut.safetensors", safetensors(header, data: [UInt8](repeating: 0, count: 60)))
                try await expect(
                    78,
                    "cut.safetensors: tensor \"topk_ids\"",
                    from: trace("cut.safetensors"),
                    in: sandbox
                )
                try sandbox.write("lying.safetensors", [UInt8](repeating: 0xFF, count: 8) + Array(header.utf8))
                try await expect(78, "lying.safetensors: ", from: trace("lying.safetensors"), in: sandbox)
                try sandbox.write("empty.safetensors", [UInt8]())
                try await expect(78, "empty.safetensors: ", from: trace("empty.safetensors"), in: sandbox)
                // Token 1, layer 0 asks for expert 8 of 8.
                let ids: [UInt8] = [0, 1, 2, 3, 8, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
                let data: [UInt8] = ids.flatMap { [$0, 0, 0, 0] }
                try sandbox.write("beyond.safetensors", safetensors(header, data: data))
                try await expect(
                    78,
                    "beyond.safetensors: tensor \"topk_ids\": token 1, layer 0: expert 8 is outside 0..<8",
                    from: trace("beyond.safetensors"),
                    in: sandbox
                )
            }
        }

        @Test func takenAddressesAreNamed() async throws {
            try await Sandbox.use { sandbox in
                let (descriptor, port) = try Loopback.listener()
                defer { close(descriptor) }
                let run = ["coordinator", "tiny.yaml", "--bind"]
                try await expect(
                    78,
                    "cannot listen at tcp://127.0.0.1:\(port): Address already in use; choose another",
                    from: run + ["tcp://127.0.0.1:\(port)"],
                    in: sandbox
                )
                let path = try sandbox.write("socket", "mine")
                try await expect(
                    78,
                    "ipc://\(path) is taken: the file exists",
                    from: run + ["ipc://\(path)"],
                    in: sandbox
                )
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
                let name = "ipc://@et-\(UInt32.random(in: 0...UInt32.max))"
                let first = try sandbox.start(run + [name, "--out", "\(sandbox.path)/first"], isOnTerminal: true)
                #expect(try await holds(within: 5) { first.shown.contains("waiting for workers") })
                try await expect(
                    78,
                    "cannot listen at \(name): Address already in use",
                    from: run + [name],
                    in: sandbox
                )
                first.send(signal: SIGINT)
                #expect(try await first.finish().code == 130)
            }
        }

        @Test func addressForOtherMachinesNeedsKeys() async throws {
            try await Sandbox.use { sandbox in
                let address = "tcp://0.0.0.0:\(try Loopback.freePort())"
                try await expect(
                    78,
                    "\(address) can be reached from other machines and so needs keys",
                    "epsim cluster key FILE",
                    from: ["coordinator", "tiny.yaml", "--bind", address],
                    in: sandbox
                )
                try await expect(
                    78,
                    "cluster.key_file",
                    from: ["coordinator", "tiny.yaml", "--bind", "ipc://@x", "--set", "cluster.key_file=none"],
                    in: sandbox
                )
            }
        }

        @Test func placesThatCannotBeWrittenAreNamed() async throws {
            try await Sandbox.use { sandbox in
                let path = try sandbox.write("file", "")
                try await expect(1, "file': Not a directory", from: ["run", "tiny.yaml", "--out", path], in: sandbox)
                try await expect(
                    78,
                    "--save-outputs: found 'none/x.safetensors', allowed: a file in a folder that is there",
                    from: ["run", "tiny.yaml", "--save-outputs", "none/x.safetensors"],
                    in: sandbox
                )
            }
        }
    }
}
