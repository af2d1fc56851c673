import Basics
import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// The timeline that a run leaves.
    @Suite struct TraceTests {
        private static let kinds: [[String]] = [
            [], ["--set", "run.overlap=two-batch"],
            ["--set", "model.shared_ffn=64", "--set", "cluster.shared=coordinator"],
            ["--set", "cluster.chunk_tokens=8", "--workers", "4"],
        ]

        @Test(arguments: kinds)
        func aLiveRunIsInIt(arguments: [String]) async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(arguments)
                #expect(run.isSound, "\(run)")
                let file = try TimelineFile(path: "\(run.folder)/trace.json.gz")
                try check(file, run.report, nanosecondsPerStep: 1e-3)
                #expect(file.slices.contains { $0.thread.process == "coordinator" && $0.thread.name == "work" })
                let hasOwn = arguments.contains("cluster.shared=coordinator")
                #expect(file.slices.contains { $0.thread.name == "experts" } == hasOwn)
                // Each chunk of each rank: as many bytes as the report has.
                for (thread, bytes) in [("send", "dispatch"), ("receive", "combine")] {
                    let sum = file.slices.filter { $0.thread.name.hasPrefix(thread) }
                        .reduce(0) { $0 + ($1.arguments["bytes"] ?? 0) }
                    #expect(run.report["communication.bytes.\(bytes)"]?.int == sum)
                }
            }
        }

        @Test(arguments: [["--ranks", "8"], ["--ranks", "4", "--set", "run.overlap=two-batch"]])
        func aPredictionIsInIt(arguments: [String]) async throws {
            try await Sandbox.use { sandbox in
                let out = sandbox.freshOut()
                let all = ["predict", "tiny.yaml", "--quiet", "--out", out] + arguments
                let run = try RunRecord(try await sandbox.start(all).finish(), out: out)
                #expect(run.result.code == 0, "\(run)")
                let file = try TimelineFile(path: "\(run.folder)/trace.json.gz")
                // Every phase of every layer is rounded to whole nanoseconds.
                try check(file, run.report, nanosecondsPerStep: 2)
                #expect(!file.slices.contains { $0.thread.process == "coordinator" })
                #expect(file.about.string("clock") == "modelled")
            }
        }

        /// - Parameter nanosecondsPerStep: what the sum of a phase may miss.
        private func check(_ file: TimelineFile, _ report: JSON, nanosecondsPerStep: Double) throws {
            #expect(file.faults == [])
            let steps = try #require(report.number("steps"))
            #expect(file.about["steps_held"]?.number == steps && file.about["steps_measured"]?.number == steps)
            #expect(file.about.string("run_id") == report.string("run.id"))
            for row in report.elements("rank_totals") {
                let rank = "rank \(row["rank"]?.int ?? -1)"
                let sums = file.phases(of: rank)
                for phase in ["dispatch", "queue", "compute", "combine", "wait"] {
                    let seconds = try #require(row.number("seconds.\(phase)"))
                    let difference = Double(sums[phase, default: 0]) / steps - seconds * 1e9
                    #expect(abs(difference) <= nanosecondsPerStep, "\(rank), \(phase)")
                }
                for phase in report.elements("time.phases")
                where ["gate", "shared", "merge"].contains(phase.string("phase")) {
                    let name = try #require(phase.string("phase"))
                    let difference = Double(sums[name, default: 0]) / steps - (phase.number("seconds") ?? 0) * 1e9
                    #expect(abs(difference) <= nanosecondsPerStep, "\(rank), \(name)")
                }
                let last = file.counters.last { $0.process == rank && $0.name == "bytes in flight" }
                #expect(last?.values == ["dispatch": 0, "combine": 0])
                #expect(file.counters.last { $0.process == rank && $0.name == "load" }?.values == ["copies": 0])
            }
            #expect(file.flows.count == file.slices.count { $0.thread.name.hasPrefix("send") } && !file.flows.isEmpty)
            for points in file.flows.values { #expect(points.flowFaults == []) }
        }
    }
}
