import MoE
import Records
import Tensors

/// Layers of a run with drawn loads and times. All ranks of a layer end at the same time.
struct DrawnLayers {
    private let ranks: Int
    private let experts: Int
    private let seed: UInt64
    private let traffic: TrafficMatrix

    /// Copies of an expert beyond which the others are dropped.
    private static let capacity = 180

    init(ranks: Int, experts: Int, seed: UInt64) {
        (self.ranks, self.experts, self.seed) = (ranks, experts, seed)
        traffic = TrafficMatrix(
            ranks: ranks,
            naiveRows: (0..<ranks * ranks).map { 3 + $0 % 5 },
            deduplicatedRows: (0..<ranks * ranks).map { 2 + $0 % 5 },
            dispatchRowBytes: 2048,
            combineRowBytes: 1024
        )
    }

    func layer(_ layer: Int, ofStep step: Int) -> LayerRecord {
        let random = CounterRandom(seed: seed, purpose: .test, step, layer)
        let asked = (0..<experts).map { 40 + Int(random.word($0) % 160) }
        let copies = asked.map { min($0, Self.capacity) }
        let dropped = zip(asked, copies).map { $0 - $1 }
        var records = (0..<ranks).map { rank in
            let own = copies[rank * experts / ranks..<(rank + 1) * experts / ranks]
            let speed = 1 + random.word(experts + rank) % 1000
            return Self.rank(rank, copies: own.reduce(0, +), secondsPerCopy: Double(speed) * 1e-9)
        }
        let inside = records.map(\.seconds.total).max() ?? 0
        for rank in records.indices { records[rank].seconds.wait = inside - records[rank].seconds.total }
        return LayerRecord(
            layer: layer,
            expertCopies: copies,
            expertDropped: dropped,
            importance: copies.map { Double($0) * 0.43 },
            tokensWithoutExpert: dropped.reduce(0, +) / 8,
            losses: [
                BalanceLoss(name: "importance", value: 0.08 * Double(layer + 1), coefficient: 0.1, valueAtBalance: 0),
                BalanceLoss(name: "switch auxiliary", value: 1.12, coefficient: 0.01, valueAtBalance: 1),
            ],
            ranks: records,
            traffic: traffic,
            gateSeconds: 180e-6,
            mergeSeconds: 90e-6,
            seconds: inside + 270e-6,
            exposedCommunicationSeconds: 11e-6 * Double(layer + 1)
        )
    }

    /// A rank that does not wait.
    private static func rank(_ rank: Int, copies: Int, secondsPerCopy: Double) -> RankRecord {
        let work = Double(copies) * secondsPerCopy
        return RankRecord(
            rank: rank,
            copies: copies,
            sharedTokens: 0,
            dispatchBytes: copies * 2048 + 96,
            combineBytes: copies * 1024 + 96,
            seconds: PhaseSeconds(dispatch: work, queue: 25e-6, compute: 2 * work, combine: 1.5 * work, wait: 0),
            dispatchInFlightSeconds: 1.2 * work,
            combineInFlightSeconds: 1.6 * work
        )
    }
}
