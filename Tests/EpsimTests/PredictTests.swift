import Basics
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// `epsim predict` from the command line.
    @Suite struct PredictTests {
        private func predict(_ sandbox: Sandbox, _ arguments: [String]) async throws -> EpsimProcess.Result {
            try await sandbox.start(["predict"] + arguments, environment: ["EPSIM_HARDWARE": Sandbox.profiles]).finish()
        }

        @Test func theRunFolderIsThatOfALiveRun() async throws {
            try await Sandbox.use { sandbox in
                let live = try await sandbox.run([])
                let out = sandbox.freshOut()
                let arguments = ["tiny.yaml", "--hardware", "H100-SXM", "--ranks", "2", "--quiet", "--out", out]
                let predicted = try RunRecord(try await predict(sandbox, arguments), out: out)
                #expect(predicted.result.code == 0, "\(predicted.result.errors)")
                #expect(predicted.report.string("clock") == "modelled")
                #expect(predicted.report.string("status") == "valid")
                #expect(predicted.report.string("run.hardware.profile") == "H100-SXM")
                for figure in ["load.rank.imbalance.mean", "load.expert.cv.p90", "load.importance.cv.mean"] {
                    #expect(predicted.report.number(figure) == live.report.number(figure))
                }
                let (mine, theirs) = (try predicted.table("experts.csv"), try live.table("experts.csv"))
                #expect(mine.map { $0["copies"] } == theirs.map { $0["copies"] })
                #expect(try predicted.table("samples.csv").count == live.table("samples.csv").count)
                #expect(try predicted.table("samples.csv").first?.keys == live.table("samples.csv").first?.keys)
            }
        }

        @Test func theReportNamesClockHardwareAndLimits() async throws {
            try await Sandbox.use { sandbox in
                let result = try await predict(sandbox, ["tiny.yaml", "--out", "runs/p"])
                #expect(result.code == 0, "\(result.errors)")
                for text in [
                    "clock: modelled", "2 ranks of H100-SXM", "# limits:", "in no time would save", "not in any time",
                    "nobody measured",
                ] {
                    #expect(result.output.contains(text), "\(text)")
                }
                #expect(!result.output.contains("wrong tokens"))
                #expect(!result.output.contains("coordinator"))
            }
        }

        @Test(arguments: [
            (["--hardware", "H10-SXM"], 78, "did you mean H100-SXM"),
            (["--ranks", "9"], 78, "cluster.workers: found 9, allowed: at most 8"),
            (["--set", "hardware.kernel=fast"], 78, "hardware.kernel: found \"fast\", allowed: "),
            (["--set", "hardware.straggler_rank=2"], 78, "hardware.straggler_rank: found 2, allowed: 0 to 1"),
            (["--hardware", "A100-SXM"], 78, "hardware.products: found fp8, allowed: bf16"),
            (["--verify"], 64, "Unknown option '--verify'"),
            (["--save-outputs", "a.safetensors"], 64, "Unknown option '--save-outputs'"),
            (
                ["--set", "cluster.delay_phase=compute"], 78,
                "flag --set: cluster.delay_phase: does not apply: only live runs read it, and this is a prediction"
            ),
            (["--set", "cluster.layer_seconds=3"], 78, "only live runs read it, and this is a prediction"),
            (["--ranks", "2", "--workers", "2"], 64, "--ranks and --workers mean the same"),
        ])
        func wrongInputIsNamed(arguments: [String], code: Int32, message: String) async throws {
            try await Sandbox.use { sandbox in
                let result = try await predict(sandbox, ["tiny.yaml"] + arguments)
                #expect(result.code == code)
                #expect(result.errors.contains(message), "\(result.errors)")
            }
        }

        @Test func theFormIsPrintedThoughNothingElseIs() async throws {
            try await Sandbox.use { sandbox in
                for command in ["predict", "run"] {
                    let json = try await sandbox.epsim(command, "tiny.yaml", "--json", "--quiet", "--out", "runs/p")
                    #expect(json.code == 0 && json.messages == [], "\(json.errors)")
                    #expect(try JSON(parsing: json.output).string("status") == "valid")
                    let csv = try await sandbox.epsim(command, "tiny.yaml", "--format", "csv", "--out", "runs/p")
                    let rows = try CSVReader.rows(of: csv.output).map(\.fields)
                    #expect(rows[0].first == "path" && Set(rows.map(\.count)) == [7] && rows.count > 20)
                }
                let live = try await sandbox.epsim("run", "tiny.yaml", "--set", "hardware.kernel=normal")
                #expect(live.code == 78 && live.errors.contains("only predictions read it, and this is a live run"))
            }
        }

        @Test func aMissedRequirementIsToldByTheCode() async throws {
            try await Sandbox.use { sandbox in
                let arguments = ["tiny.yaml", "--require", "balancedness>=1.5", "--quiet", "--out", "runs/p"]
                let result = try await predict(sandbox, arguments)
                #expect(result.code == 99)
            }
        }
    }
}
