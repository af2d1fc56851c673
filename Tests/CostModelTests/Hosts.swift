import CostModel
import MoE

/// Made-up hosts with round numbers, and layers for them.
enum Hosts {
    private static let values: [HostConstant: Double] = [
        .cores: 2, .f32Products: 100, .bf16Products: 200, .productSetup: 500, .cacheBandwidth: 80, .cacheSize: 16,
        .coreBandwidth: 20, .memoryBandwidth: 30, .layerStart: 10, .tokenPass: 0.2, .routeExpert: 10, .permuteCopy: 10,
        .rowCopy: 0.1, .rowRounding: 0.3, .sumCopy: 0.1, .sumToken: 0.5, .messageLatency: 20, .messageWork: 10,
        .linkBandwidth: 5, .threadWake: 3, .runOverhead: 1, .runProducts: 1,
    ]

    /// A profile, with some values of its own.
    static func profile(_ own: [HostConstant: Double] = [:]) throws(HardwareError) -> HostProfile {
        let constants = values.merging(own) { $1 }.mapValues { Constant($0, basis: .measured, source: "made up") }
        return try HostProfile(name: "made-up", processor: "none", constants: constants)
    }

    /// Two layers of eight experts in f32.
    static func stack(workers: Int) -> HostStack {
        HostStack(
            model: ModelShape(
                layers: 2,
                experts: 8,
                expert: ExpertShape(hidden: 256, ffn: 512, activation: .swiglu)
            ),
            arithmetic: .f32,
            dispatch: HostStack.RowType(bytes: 1024, isSingle: true),
            combine: HostStack.RowType(bytes: 1024, isSingle: true),
            workers: workers,
            depth: 4
        )
    }

    /// Top-2, all experts alike.
    static func layer(tokens: Int, workers: Int, chunks: Int) -> HostLayer {
        let rows = Double(2 * tokens)
        let rank = HostLayer.Rank(
            expertRows: [Double](repeating: rows / 8, count: 8 / workers),
            sentRows: rows / Double(workers),
            replyRows: rows / Double(workers)
        )
        let ranks = [HostLayer.Rank](repeating: rank, count: workers)
        return HostLayer(tokens: Double(tokens), chunks: chunks, ranks: ranks)
    }

    /// Seconds of one such layer.
    static func seconds(_ profile: HostProfile, workers: Int) -> Double {
        let model = HostModel(profile: profile, stack: stack(workers: workers))
        var memory = model.memory
        return model.times(layer(tokens: 512, workers: workers, chunks: 2), &memory).seconds
    }
}
