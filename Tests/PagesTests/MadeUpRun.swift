import Figures
import CostModel
import Records
import MoE
import Pages
import Placement
import Reports

/// A made-up run of any size, whose loads follow from the place of an expert.
struct MadeUpRun {
    let layers: Int
    let experts: Int
    let ranks: Int
    var steps = 2
    var clock = ReportClock.measured

    private var ofRank: Int { experts / ranks }

    var description: RunDescription {
        RunDescription(
            id: "20250131T120000Z-3fa9c1",
            epsimVersion: "0.1.0",
            configName: "configs/<made>.yaml",
            commandLine: ["epsim", "run", "configs/<made>.yaml"],
            startedAt: "2025-01-31T12:00:00Z",
            seed: 7,
            clock: clock,
            steps: steps,
            warmupSteps: 0,
            model: ModelShape(
                layers: layers,
                experts: experts,
                expert: ExpertShape(hidden: 512, ffn: 1024, activation: .swiglu)
            ),
            router: "softmax-top-k, top 2",
            expertDtype: "f32",
            payloadDtype: "f32",
            placement: "contiguous",
            transport: "ipc",
            workload: WorkloadDescription(summary: "made up", tokensPerStep: 512, cycles: nil),
            hosts: [],
            workers: (0..<ranks).map { rank in
                RankDescription(
                    rank: rank,
                    pid: 1,
                    host: "box",
                    expertsPerLayer: [Int](repeating: ofRank, count: layers),
                    kernels: [],
                    weightBytes: 1
                )
            }
        )
    }

    var records: [StepRecord] {
        (0..<steps).map { step in
            let layers = (0..<layers).map { layer(step: step, layer: $0) }
            let seconds = layers.reduce(0) { $0 + $1.seconds }
            return StepRecord(step: step, tokens: 512, seconds: seconds, layers: layers)
        }
    }

    private func layer(step: Int, layer: Int) -> LayerRecord {
        let copies = (0..<experts).map { 1 + ($0 * 37 + layer * 11 + step) % 97 }
        let loads = (0..<ranks).map { rank in copies[rank * ofRank..<(rank + 1) * ofRank].reduce(0, +) }
        let busiest = Double(loads.max() ?? 0)
        let records = loads.enumerated().map { rank, load in
            let seconds = PhaseSeconds(
                dispatch: 1e-6 * Double(load),
                queue: 1e-5,
                compute: 2e-6 * Double(load),
                combine: 1e-6 * Double(load),
                wait: 4e-6 * (busiest - Double(load))
            )
            return RankRecord(
                rank: rank,
                copies: load,
                sharedTokens: 0,
                dispatchBytes: load * 2048,
                combineBytes: load * 2048,
                seconds: seconds,
                dispatchInFlightSeconds: seconds.dispatch,
                combineInFlightSeconds: seconds.combine
            )
        }
        return LayerRecord(
            layer: layer,
            expertCopies: copies,
            expertDropped: copies.map { _ in 0 },
            importance: copies.map(Double.init),
            tokensWithoutExpert: 0,
            losses: [],
            ranks: records,
            traffic: TrafficMatrix(
                ranks: ranks,
                naiveRows: (0..<ranks * ranks).map { 3 + $0 % 5 },
                deduplicatedRows: (0..<ranks * ranks).map { 2 + $0 % 5 },
                dispatchRowBytes: 2048,
                combineRowBytes: 2048
            ),
            gateSeconds: 1e-4,
            mergeSeconds: 5e-5,
            seconds: 4e-6 * busiest + 1e-5 + 1.5e-4
        )
    }

    func report(_ prediction: HostPrediction? = nil) throws -> Report {
        try Report(description: description, steps: records, end: .completed, prediction: prediction)
    }

    /// The page, with the first step as the median one and the last as the worst.
    ///
    /// - Parameter placement: nil for experts in runs, in all layers alike.
    func page(_ prediction: HostPrediction? = nil, placement: Placement? = nil) throws -> String {
        let policy = PlacementPolicy.contiguous
        var loads = ExpertLoadSums()
        for record in records { loads.add(record) }
        let tracks = records.map { StepTrack(of: $0, starting: 0) }
        return RunPage(
            try report(prediction),
            expertLoads: loads.means,
            placement: try placement ?? policy.placement(layers: layers, experts: experts, ranks: ranks),
            medianStep: tracks.first,
            worstStep: tracks.last,
            tracedSteps: 1,
            configuration: "run: {seed: 7} # <&>"
        ).html
    }
}
