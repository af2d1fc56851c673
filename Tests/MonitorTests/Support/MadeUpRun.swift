import Records
import MoE
import Monitor
import Placement
import Reports

/// Numbers that follow from a key and an index (the mixer of SplitMix64).
struct Draws {
    let key: UInt64

    func word(_ index: Int) -> UInt64 {
        var word = key &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// A made-up run, told step by step to a state, with the report that would be written at its end.
struct MadeUpRun {
    let run: LiveRun
    let steps: [StepRecord]

    /// - Parameter seed: what the loads and times are drawn from.
    init(ranks: Int = 3, layers: Int = 2, steps: Int = 7, warmup: Int = 2, seed: UInt64 = 1) {
        run = LiveRun(
            id: "20250131T120000Z-3fa9c1",
            config: "configs/quickstart.yaml",
            router: "softmax-top-k",
            epsimVersion: "0.1.0",
            ranks: ranks,
            layers: layers,
            experts: 2 * ranks,
            steps: steps,
            warmupSteps: warmup
        )
        self.steps = (0..<steps).map { step in
            let layers = (0..<layers).map {
                Self.layer($0, ranks: ranks, Draws(key: seed &* 1_000_003 &+ UInt64(step * 1009 + $0)))
            }
            return StepRecord(
                step: step,
                tokens: 64,
                seconds: layers.reduce(20e-6) { $0 + $1.seconds },
                layers: layers
            )
        }
    }

    /// The state after `count` of the steps, each a second after the one before.
    func state(after count: Int? = nil, window: Int = 100) -> LiveState {
        var state = LiveState(run: run, window: window)
        state.workersReady(run.ranks)
        for left in (0..<run.warmupSteps).reversed() { state.warmup(left: left) }
        for (index, step) in steps.prefix(count ?? steps.count).enumerated() {
            state.measured(step, at: 10 + Double(index))
        }
        return state
    }

    /// The report of all steps.
    func report() throws -> Report {
        try Report(description: description, steps: steps, end: .completed)
    }

    private static func layer(_ layer: Int, ranks: Int, _ random: Draws) -> LayerRecord {
        let asked = (0..<2 * ranks).map { 10 + Int(random.word($0) % 50) }
        let kept = asked.map { min($0, 45) }
        let records = (0..<ranks).map { rank in
            let copies = kept[2 * rank] + kept[2 * rank + 1]
            let unit = Double(1 + random.word(100 + rank) % 1000) * 1e-7
            return RankRecord(
                rank: rank,
                copies: copies,
                sharedTokens: 0,
                dispatchBytes: copies * 512 + 96,
                combineBytes: copies * 1024 + 96,
                seconds: PhaseSeconds(dispatch: unit, queue: 2e-6, compute: 3 * unit, combine: 2 * unit, wait: 1e-6),
                dispatchInFlightSeconds: unit * 1.5,
                combineInFlightSeconds: unit * 2.5
            )
        }
        return LayerRecord(
            layer: layer,
            expertCopies: kept,
            expertDropped: zip(asked, kept).map { $0 - $1 },
            importance: kept.map { Double($0) },
            tokensWithoutExpert: Int(random.word(7) % 3),
            losses: [
                BalanceLoss(
                    name: "switch auxiliary",
                    value: 1 + Double(layer) / 8,
                    coefficient: 0.01,
                    valueAtBalance: 1
                )
            ],
            ranks: records,
            gateSeconds: 180e-6,
            mergeSeconds: 90e-6,
            seconds: 270e-6 + (records.map(\.seconds.total).max() ?? 0),
            exposedCommunicationSeconds: 11e-6 * Double(layer + 1)
        )
    }

    /// The charts of a live page.
    var charts: LiveCharts {
        get throws {
            let policy = PlacementPolicy.contiguous
            return LiveCharts(
                description,
                placement: try policy.placement(layers: run.layers, experts: run.experts, ranks: run.ranks)
            )
        }
    }

    private var description: RunDescription {
        RunDescription(
            id: run.id,
            epsimVersion: run.epsimVersion,
            configName: run.config,
            commandLine: ["epsim", "run", run.config],
            startedAt: "2025-01-31T12:00:00Z",
            seed: 1,
            clock: .measured,
            steps: run.steps,
            warmupSteps: run.warmupSteps,
            model: ModelShape(
                layers: run.layers,
                experts: run.experts,
                expert: ExpertShape(hidden: 128, ffn: 256, activation: .swiglu)
            ),
            router: run.router,
            expertDtype: "f32",
            payloadDtype: "f32",
            placement: "contiguous",
            transport: "ipc",
            workload: WorkloadDescription(summary: "synthetic", tokensPerStep: 64, cycles: 1),
            hosts: [],
            workers: (0..<run.ranks).map {
                RankDescription(
                    rank: $0,
                    pid: 100 + $0,
                    host: "here",
                    expertsPerLayer: [Int](repeating: 2, count: run.layers),
                    kernels: [],
                    weightBytes: 0
                )
            }
        )
    }
}
