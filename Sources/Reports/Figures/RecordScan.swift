import Records
import MoE

/// One pass over the records of a run, for ``RecordCheck``.
struct RecordScan {
    let layers: Int
    let experts: Int
    let ranks: Int

    private(set) var samples = 0
    private(set) var firstLost: String?
    private(set) var firstNegativeTime: String?
    private(set) var firstNonFinite: String?
    private var lastStep = -1

    init(layers: Int, experts: Int, ranks: Int) {
        self.layers = layers
        self.experts = experts
        self.ranks = ranks
    }

    mutating func add(_ step: StepRecord) throws(ReportError) {
        let place = "step \(step.step)"
        guard step.step > lastStep else {
            throw ReportError(.record, "\(place) follows step \(lastStep); steps must be in order, each once")
        }
        lastStep = step.step
        try checkCounts([step.tokens], place)
        try checkTimes([step.seconds], place)
        let present = try presence(step.layers.map(\.layer), of: layers, "layer", place)
        for (layer, isThere) in present.enumerated() where !isThere {
            noteLost("\(place), layer \(layer), all ranks")
        }
        for layer in step.layers { try add(layer, "\(place), layer \(layer.layer)") }
    }

    private mutating func add(_ layer: LayerRecord, _ place: String) throws(ReportError) {
        let lengths = [layer.expertCopies.count, layer.expertDropped.count, layer.importance.count]
        guard lengths.allSatisfy({ $0 == experts }) else {
            throw ReportError(
                .record,
                "\(place): copies, drops and importance of \(lengths) experts; the model has \(experts)"
            )
        }
        try checkSmoothLoad(layer.smoothLoad, place)
        try checkCounts(layer.expertCopies + layer.expertDropped + [layer.tokensWithoutExpert], place)
        try checkPadding(layer, place)
        try checkTimes([layer.seconds, layer.gateSeconds, layer.mergeSeconds], place)
        try checkTimes([layer.sharedSeconds, layer.sharedComputeSeconds], place)
        try checkTimes([layer.exposedCommunicationSeconds], place)
        try checkTraffic(layer.traffic, place)
        noteNonFinite(layer, place)
        let present = try presence(layer.ranks.map(\.rank), of: ranks, "rank", place)
        for (rank, isThere) in present.enumerated() where !isThere { noteLost("\(place), rank \(rank)") }
        for rank in layer.ranks { try add(rank, "\(place), rank \(rank.rank)") }
    }

    private mutating func add(_ rank: RankRecord, _ place: String) throws(ReportError) {
        try checkCounts([rank.copies, rank.sharedTokens, rank.dispatchBytes, rank.combineBytes], place)
        try checkTimes(Phase.ofRank.map { rank.seconds[$0] }, place)
        try checkTimes([rank.dispatchInFlightSeconds, rank.combineInFlightSeconds], place)
        samples += 1
    }

    /// Which of `0..<count` are among `indices`.
    private func presence(
        _ indices: [Int],
        of count: Int,
        _ what: String,
        _ place: String
    ) throws(ReportError) -> [Bool] {
        var present = [Bool](repeating: false, count: count)
        for index in indices {
            guard present.indices.contains(index), !present[index] else {
                throw ReportError(
                    .record,
                    "\(place): \(what) \(index) is recorded; each of the \(count) \(what)s has one record"
                )
            }
            present[index] = true
        }
        return present
    }

    private func checkTraffic(_ traffic: TrafficMatrix, _ place: String) throws(ReportError) {
        // A prediction for very many ranks, or without tokens, counts no pairs of ranks.
        guard traffic.ranks > 0 else { return }
        let entries = [traffic.naiveRows.count, traffic.deduplicatedRows.count]
        guard traffic.ranks == ranks, entries.allSatisfy({ $0 == ranks * ranks }) else {
            throw ReportError(
                .record,
                "\(place): a traffic matrix of \(traffic.ranks) ranks with \(entries) entries; the run has \(ranks) ranks"
            )
        }
        try checkCounts(traffic.naiveRows, place)
        try checkCounts(traffic.deduplicatedRows, place)
        try checkCounts([traffic.dispatchRowBytes, traffic.combineRowBytes], place)
    }

    private func checkSmoothLoad(_ load: [Double]?, _ place: String) throws(ReportError) {
        guard let load, load.count != experts else { return }
        throw ReportError(.record, "\(place): a smooth load of \(load.count) experts; the model has \(experts)")
    }

    /// Padding only adds rows. How many is up to the capacity that a user sets, so there is no upper limit.
    private func checkPadding(_ layer: LayerRecord, _ place: String) throws(ReportError) {
        let kept = layer.expertCopies.reduce(0, +)
        guard let rows = layer.paddedRows, rows < kept else { return }
        throw ReportError(.record, "\(place): \(rows) rows after padding; at least the \(kept) kept copies are needed")
    }

    private func checkCounts(_ counts: [Int], _ place: String) throws(ReportError) {
        for count in counts where !(0...RecordCheck.largestCount).contains(count) {
            throw ReportError(
                .record,
                "\(place): a count of \(count); allowed are 0 to \(RecordCheck.largestCount)"
            )
        }
    }

    private mutating func checkTimes(_ times: [Double], _ place: String) throws(ReportError) {
        for time in times {
            guard time.magnitude <= RecordCheck.longestSeconds else {
                throw ReportError(
                    .record,
                    "\(place): a time of \(time) seconds; allowed are numbers up to \(RecordCheck.longestSeconds)"
                )
            }
            if time < 0 && firstNegativeTime == nil { firstNegativeTime = place }
        }
    }

    private mutating func noteLost(_ place: String) {
        if firstLost == nil { firstLost = place }
    }

    private mutating func noteNonFinite(_ layer: LayerRecord, _ place: String) {
        guard firstNonFinite == nil else { return }
        let importance = layer.importance.allSatisfy(\.isFinite) ? nil : "importance"
        let smooth = (layer.smoothLoad ?? []).allSatisfy(\.isFinite) ? nil : "smooth load"
        let loss = layer.losses.first { loss in
            ![loss.value, loss.coefficient, loss.valueAtBalance ?? 0].allSatisfy(\.isFinite)
        }
        firstNonFinite = (importance ?? smooth ?? loss?.name).map { "\(place), \($0)" }
    }
}
