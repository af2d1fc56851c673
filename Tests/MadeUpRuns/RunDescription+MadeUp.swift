import Basics
import MoE
import Reports

extension RunDescription {
    /// Tokens of a step of a drawn run.
    static let madeUpTokens = 512

    /// A run of so many ranks with equally many experts each.
    init(ranks: Int, layers: Int, experts: Int, steps: Int) {
        self.init(
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
                experts: experts,
                expert: ExpertShape(hidden: 512, ffn: 1024, activation: .swiglu)
            ),
            router: "softmax-top-k, top 2, renormalised, dropped by position at capacity factor 1.25",
            expertDtype: "f32",
            payloadDtype: "f32",
            placement: "contiguous",
            transport: "ipc",
            workload: WorkloadDescription(
                summary: "activations from minilm-l6.layer3.safetensors, 4096 tokens",
                tokensPerStep: Self.madeUpTokens,
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
            workers: (0..<ranks).map { rank in
                RankDescription(
                    rank: rank,
                    pid: 12340 + rank,
                    host: "buildbox",
                    expertsPerLayer: [Int](repeating: experts / ranks, count: layers),
                    kernels: ["brgemm:avx512_core"],
                    weightBytes: layers * experts / ranks * 3 * 512 * 1024 * 4
                )
            }
        )
    }
}
