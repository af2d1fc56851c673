import Figures
import Records
import MoE
import Reports
import Tensors

/// Made-up runs with the shape of real ones.
enum Fixtures {
    /// A run of `ranks` ranks with two experts each.
    static func description(ranks: Int = 4, layers: Int = 4, steps: Int = 20) -> RunDescription {
        RunDescription(
            id: "20250131T120000Z-3fa9c1",
            epsimVersion: "0.1.0",
            configName: "configs/quickstart.yaml",
            commandLine: ["epsim", "run", "configs/quickstart.yaml", "--workers", "\(ranks)", "--verify"],
            startedAt: "2025-01-31T12:00:00Z",
            seed: 1,
            clock: .measured,
            steps: steps,
            warmupSteps: 2,
            model: ModelShape(
                layers: layers,
                experts: 2 * ranks,
                expert: ExpertShape(hidden: 512, ffn: 1024, activation: .swiglu)
            ),
            router: "softmax-top-k, top 2, renormalised, dropped by position at capacity factor 1.25",
            expertDtype: "f32",
            payloadDtype: "f32",
            placement: "contiguous",
            transport: "ipc",
            workload: WorkloadDescription(
                summary: "activations from minilm-l6.layer3.safetensors, 4096 tokens",
                tokensPerStep: 512,
                cycles: 0.5
            ),
            hosts: [
                HostDescription(
                    name: "buildbox",
                    cores: 64,
                    busyProcesses: ranks + 1,
                    memoryBytes: 16 << 30,
                    system: "Debian 12, AMD EPYC 9R14"
                )
            ],
            workers: (0..<ranks).map { worker($0, layers: layers) }
        )
    }

    static func worker(_ rank: Int, layers: Int) -> RankDescription {
        RankDescription(
            rank: rank,
            pid: 12340 + rank,
            host: "buildbox",
            expertsPerLayer: [Int](repeating: 2, count: layers),
            kernels: ["brgemm:avx512_core"],
            weightBytes: layers * 2 * 3 * 512 * 1024 * 4
        )
    }

    /// Steps of 512 tokens whose phases add up exactly, with loads drawn from `seed`.
    static func steps(_ run: RunDescription, seed: UInt64 = 1) -> [StepRecord] {
        (0..<run.steps).map { step in
            let layers = (0..<run.model.layers).map { layer in
                Self.layer(layer, run, CounterRandom(seed: seed, purpose: .test, step, layer))
            }
            let seconds = layers.reduce(20e-6) { $0 + $1.seconds }
            return StepRecord(step: step, tokens: 512, seconds: seconds, layers: layers)
        }
    }

    private static func layer(_ layer: Int, _ run: RunDescription, _ random: CounterRandom) -> LayerRecord {
        let ranks = run.workers.count
        let experts = run.model.experts
        let copies = (0..<experts).map { 40 + Int(random.word($0) % 160) }
        let dropped = copies.map { $0 > 180 ? $0 - 180 : 0 }
        let loads: [Int] = (0..<ranks).map { rank in copies[2 * rank] + copies[2 * rank + 1] }
        let busiest = loads.max() ?? 0
        let records: [RankRecord] = (0..<ranks).map { Self.rank($0, copies: loads[$0], busiest: busiest) }
        let inside = records.map(\.seconds.total).max() ?? 0
        return LayerRecord(
            layer: layer,
            expertCopies: copies,
            expertDropped: dropped,
            importance: copies.map { Double($0) * 0.43 },
            tokensWithoutExpert: dropped.reduce(0, +) / 20,
            losses: [
                BalanceLoss(name: "importance", value: 0.08, coefficient: 0.1, valueAtBalance: 0),
                BalanceLoss(name: "switch auxiliary", value: 1.12, coefficient: 0.01, valueAtBalance: 1),
            ],
            ranks: records,
            traffic: traffic(ranks),
            gateSeconds: 180e-6,
            mergeSeconds: 90e-6,
            seconds: inside + 270e-6,
            exposedCommunicationSeconds: 310e-6
        )
    }

    /// 2 µs a copy to compute, 1 µs to travel each way; the rest of the busiest rank's time is spent waiting.
    private static func rank(_ rank: Int, copies: Int, busiest: Int) -> RankRecord {
        let work = Double(copies)
        return RankRecord(
            rank: rank,
            copies: copies,
            sharedTokens: 0,
            dispatchBytes: copies * 2048 + 96,
            combineBytes: copies * 2048 + 96,
            seconds: PhaseSeconds(
                dispatch: work * 1e-6,
                queue: 25e-6,
                compute: work * 2e-6,
                combine: work * 1e-6,
                wait: Double(busiest - copies) * 4e-6
            ),
            dispatchInFlightSeconds: work * 1.2e-6,
            combineInFlightSeconds: work * 1.1e-6
        )
    }

    private static func traffic(_ ranks: Int) -> TrafficMatrix {
        TrafficMatrix(
            ranks: ranks,
            naiveRows: [Int](repeating: 1024 / (ranks * ranks) + 1, count: ranks * ranks),
            deduplicatedRows: [Int](repeating: 820 / (ranks * ranks) + 1, count: ranks * ranks),
            dispatchRowBytes: 2048,
            combineRowBytes: 2048
        )
    }

    /// The report of a made-up run, verified.
    static func report(ranks: Int = 4, layers: Int = 4, steps: Int = 20) throws -> Report {
        let run = description(ranks: ranks, layers: layers, steps: steps)
        return try Report(
            description: run,
            steps: Self.steps(run),
            end: .completed,
            verification: Verification(wrongTokens: 0, checkedTokens: 10240),
            outputDigest: String(repeating: "ab", count: 32)
        )
    }
}
