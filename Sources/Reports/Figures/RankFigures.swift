public import Basics
public import Figures
import MoE
public import Records

/// The work and times of one rank in one layer, averaged over the measured steps.
public struct RankFigures: Codable, Equatable, Sendable {
    /// Index of the MoE layer, or nil for all layers together.
    @OrNull public private(set) var layer: Int?
    /// Index of the rank, from 0.
    public let rank: Int
    /// Number of experts that the rank holds in the layer, or in all layers together.
    public let experts: Int
    /// Routed copies per step that the rank's experts compute.
    public let copies: Double
    /// Tokens per step through the rank's common experts (shared and dense).
    public let sharedTokens: Double
    /// The rank's part of the layer's routed copies, 0 to 1, averaged over steps.
    @OrNull public private(set) var share: Double?
    /// The rank's copies / the mean over ranks, averaged over steps; 1 is an even share.
    @OrNull public private(set) var imbalance: Double?
    /// Seconds per step in each phase of the rank.
    public let seconds: PhaseSeconds
    /// Bytes sent to the rank per step, envelopes and payloads.
    public let dispatchBytes: Double
    /// Bytes received from the rank per step, envelopes and payloads.
    public let combineBytes: Double

    /// The mean over the samples of one (layer, rank), one per step; nil when there are none.
    init?(layer: Int, rank: RankDescription, samples: [RankSample]) {
        guard !samples.isEmpty else { return nil }
        func mean(_ value: (RankRecord) -> Double) -> Double {
            samples.reduce(0) { $0 + value($1.record) } / Double(samples.count)
        }
        self.layer = layer
        self.rank = rank.rank
        experts = rank.expertsPerLayer[layer]
        copies = mean { Double($0.copies) }
        sharedTokens = mean { Double($0.sharedTokens) }
        share = Average.of(samples.compactMap(\.share))
        imbalance = Average.of(samples.compactMap(\.imbalance))
        seconds = PhaseSeconds(
            dispatch: mean(\.seconds.dispatch),
            queue: mean(\.seconds.queue),
            compute: mean(\.seconds.compute),
            combine: mean(\.seconds.combine),
            wait: mean(\.seconds.wait)
        )
        dispatchBytes = mean { Double($0.dispatchBytes) }
        combineBytes = mean { Double($0.combineBytes) }
    }

    /// One rank over all layers: counts, seconds and bytes are summed, `share` and `imbalance` are means.
    init(rank: Int, layers: [RankFigures]) {
        func sum(_ value: (RankFigures) -> Double) -> Double { layers.reduce(0) { $0 + value($1) } }
        layer = nil
        self.rank = rank
        experts = layers.reduce(0) { $0 + $1.experts }
        copies = sum(\.copies)
        sharedTokens = sum(\.sharedTokens)
        share = Average.of(layers.compactMap(\.share))
        imbalance = Average.of(layers.compactMap(\.imbalance))
        seconds = PhaseSeconds(
            dispatch: sum(\.seconds.dispatch),
            queue: sum(\.seconds.queue),
            compute: sum(\.seconds.compute),
            combine: sum(\.seconds.combine),
            wait: sum(\.seconds.wait)
        )
        dispatchBytes = sum(\.dispatchBytes)
        combineBytes = sum(\.combineBytes)
    }

    /// One row per (layer, rank) that has samples, by layer, then rank.
    static func rows(_ steps: [StepRecord], _ run: RunDescription) -> [RankFigures] {
        let ranks = run.workers.count
        var samples = [[RankSample]](repeating: [], count: run.model.layers * ranks)
        for layer in steps.lazy.flatMap(\.layers) {
            for record in layer.ranks {
                samples[layer.layer * ranks + record.rank].append(RankSample(record, of: layer, ranks: ranks))
            }
        }
        return samples.indices.compactMap { index in
            RankFigures(layer: index / ranks, rank: run.workers[index % ranks], samples: samples[index])
        }
    }

    /// Return one row per rank, with all layers of the rank together.
    static func totals(_ rows: [RankFigures]) -> [RankFigures] {
        Dictionary(grouping: rows, by: \.rank)
            .map { RankFigures(rank: $0.key, layers: $0.value) }
            .sorted { $0.rank < $1.rank }
    }
}

extension PhaseSeconds: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "combine": "Seconds in which outputs were on their way back and nothing computed.",
        "compute": "Seconds in which experts were at work.",
        "dispatch": "Seconds in which tokens were on their way to the rank and nothing computed.",
        "queue": "Seconds in which work was ready, nothing moved and nothing computed.",
        "wait": "Seconds in which nothing was left to do in the layer.",
    ]
}

extension RankFigures: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "combine_bytes": "Bytes received from the rank per step, envelopes and payloads.",
        "copies": "Routed copies per step.",
        "dispatch_bytes": "Bytes sent to the rank per step, envelopes and payloads.",
        "experts": "Experts that the rank holds.",
        "imbalance": "Its copies / the mean over ranks, averaged over steps; 1 is an even share.",
        "layer": "Index of the MoE layer, or null for all layers together.",
        "rank": "The rank.",
        "seconds": "Seconds per step in each phase of the rank.",
        "share": "Its part of the layer's routed copies, 0 to 1, averaged over steps.",
        "shared_tokens": "Tokens per step through its common experts (shared and dense).",
    ]
}

/// A sample: one rank in one (step, layer), with its part of the layer's load.
struct RankSample {
    /// The record of the rank.
    let record: RankRecord
    /// The rank's copies / the copies of all ranks, or nil when the layer has no copies.
    let share: Double?
    /// The rank's copies / the mean over ranks, or nil when the layer has no copies.
    let imbalance: Double?

    /// The sample of one rank, from its record and the record of the layer, on `ranks` ranks.
    init(_ record: RankRecord, of layer: LayerRecord, ranks: Int) {
        let copies = layer.ranks.reduce(0) { $0 + $1.copies }
        self.record = record
        share = Average.ratio(Double(record.copies), Double(copies))
        imbalance = share.map { $0 * Double(ranks) }
    }
}
