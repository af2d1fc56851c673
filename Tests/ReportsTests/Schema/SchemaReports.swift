import Figures
import FoundationEssentials
import MadeUpRuns
import MoE
import Records

@testable import Reports

/// Reports that have between them all that a report can have.
enum SchemaReports {
    static func all() throws -> [Report] {
        [
            try MadeUpRun.small.report(), try MadeUpRun.small.report([], end: .failed("no worker came")),
            try MadeUpRun.small.report(Array(MadeUpRun.small.steps.prefix(1)), end: .interrupted("stopped")),
            try MadeUpRun.small.report(Array(MadeUpRun.small.steps.prefix(2))), try full(),
        ]
    }

    /// Every optional part is there.
    static func full() throws -> Report {
        let expert = ExpertShape(
            hidden: 8,
            ffn: 16,
            activation: .clampedSwiglu,
            hasBiases: true,
            clamp: GateClamp(limit: 5)
        )
        let madeUp = MadeUpRun(ranks: 4, layers: 4, steps: 20)
        var run = madeUp.description
        run.seed = .max
        run.unread = ["hardware.profile (a.yaml:1)"]
        run.model.expert = expert
        run.model.sharedExpert = expert
        run.model.denseExpert = expert
        run.padding = "blocks of 128 rows"
        run.checkpoint = CheckpointDescription(
            file: "a.safetensors",
            family: "mixtral",
            layers: [0, 1],
            forcedOn: "model_type \"x\""
        )
        run.hardware = HardwareDescription(
            profile: "H100-SXM",
            summary: "a GPU",
            ranksPerNode: 8,
            nodes: 1,
            kernel: "normal",
            products: "fp8",
            assumedConstants: ["nic"],
            memoryNeededBytes: 1.5e9,
            memoryBytes: 80e9
        )
        let prediction = """
            {"hardware": "host", "stepSeconds": 0.5, "phaseSeconds": [1, 2, 3, 4, 5, 6, 7, 8], "processorSeconds": 2}
            """
        var report = try Report(
            description: run,
            steps: madeUp.steps,
            end: .completed,
            verification: Verification(wrongTokens: 0, checkedTokens: 10240, relativeError: 1e-4),
            outputDigest: String(repeating: "ab", count: 32),
            prediction: try JSONDecoder().decode(HostPrediction.self, from: Data(prediction.utf8)),
            notes: ["a note"],
            warnings: ["a warning"]
        )
        let limits = """
            {"busiestRank": 1, "busiestLayers": 3, "layers": 8, "busiestRatio": 1.5, "balanceSaving": 0.1,
             "communicationSaving": 0.2, "computeSaving": 0.3, "launchSaving": 0.1, "stragglerSaving": 0.05,
             "linkSaving": 0.1, "nicSaving": 0.1}
            """
        report.limits = try JSONDecoder().decode(LimitFigures.self, from: Data(limits.utf8))
        report.check([Requirement(.maxvio, .below, 9), Requirement(.wrongTokens, .equal, 0)])
        report.rebalances = [MadeUpRun.rebalance]
        return report
    }
}
