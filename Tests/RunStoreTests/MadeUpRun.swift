import Figures
import Records
import FoundationEssentials
import MoE
import Reports

/// Run folders with reports of made-up steps.
struct MadeUpRun {
    var id = "20250131T120000Z-3fa9c1"
    var started = "2025-01-31T12:00:00Z"
    var config = "configs/quickstart.yaml"
    var seed: UInt64 = 1
    var clock = ReportClock.measured
    var end = RunEnd.completed
    /// Seconds of each step.
    var seconds = [0.010, 0.012, 0.011, 0.020, 0.013]

    var report: Report {
        get throws {
            try Report(
                description: description,
                steps: seconds.enumerated().map { StepRecord(step: $0, tokens: 6, seconds: $1, layers: [layer($1)]) },
                end: end,
                verification: Verification(wrongTokens: 0, checkedTokens: 30),
                outputDigest: String(repeating: "ab", count: 32)
            )
        }
    }

    /// Writes the folder below `parent` and returns its path.
    @discardableResult
    func write(below parent: String) throws -> String {
        let folder = try RunFolder.create(parent: parent, id: try RunID(id))
        try folder.writeConfig("run:\n  seed: \(seed)\n")
        try folder.write(try report)
        return folder.path
    }

    private var description: RunDescription {
        RunDescription(
            id: id,
            epsimVersion: "0.1.0",
            configName: config,
            commandLine: ["epsim", "run", config],
            startedAt: started,
            seed: seed,
            clock: clock,
            steps: seconds.count,
            warmupSteps: 2,
            model: ModelShape(
                layers: 1,
                experts: 4,
                expert: ExpertShape(hidden: 512, ffn: 1024, activation: .swiglu)
            ),
            router: "softmax-top-k, top 2",
            expertDtype: "f32",
            payloadDtype: "bf16",
            placement: "contiguous",
            transport: "ipc",
            workload: WorkloadDescription(summary: "synthetic", tokensPerStep: 6, cycles: nil),
            hosts: [HostDescription(name: "box", cores: 2, busyProcesses: 3, memoryBytes: nil, system: "Debian 12")],
            workers: (0..<2).map {
                RankDescription(rank: $0, pid: 7 + $0, host: "box", expertsPerLayer: [2], kernels: [], weightBytes: 1)
            }
        )
    }

    private func layer(_ seconds: Double) -> LayerRecord {
        let ranks = [8, 4].enumerated().map { rank, copies in
            RankRecord(
                rank: rank,
                copies: copies,
                sharedTokens: 0,
                dispatchBytes: 100 * copies,
                combineBytes: 10 * copies,
                seconds: PhaseSeconds(dispatch: 1e-3, queue: 0, compute: 2e-3, combine: 1e-3, wait: seconds - 5e-3),
                dispatchInFlightSeconds: 1e-3,
                combineInFlightSeconds: 1e-3
            )
        }
        return LayerRecord(
            layer: 0,
            expertCopies: [6, 2, 3, 1],
            expertDropped: [0, 0, 0, 0],
            importance: [1, 1, 1, 1],
            tokensWithoutExpert: 0,
            losses: [BalanceLoss(name: "switch auxiliary", value: 1.1, coefficient: 0.01, valueAtBalance: 1)],
            ranks: ranks,
            traffic: TrafficMatrix(
                ranks: 2,
                naiveRows: [4, 3, 2, 3],
                deduplicatedRows: [3, 2, 1, 2],
                dispatchRowBytes: 100,
                combineRowBytes: 10
            ),
            gateSeconds: 0.75e-3,
            mergeSeconds: 0.25e-3,
            seconds: seconds,
            exposedCommunicationSeconds: 0.5e-3
        )
    }
}
