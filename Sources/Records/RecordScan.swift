public import MoE

/// An error in a record: it does not belong to the run, or it contradicts itself.
public struct RecordError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found, where, and what is allowed.
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A check of the records of a run in one pass: shapes, ranges, sums, and missing samples.
public struct RecordScan: Sendable {
    /// The limit on a count in a record, so low that sums of counts do not overflow.
    public static let largestCount = 1 << 40
    /// The limit on a time in a record, in seconds.
    public static let longestSeconds = 1e9

    let layers: Int
    let experts: Int
    let identityExperts: Int
    let ranks: Int

    /// The number of samples so far, one per (step, layer, rank).
    public private(set) var samples = 0
    /// The first sample that is missing from a step that was recorded, for example `step 3, layer 0, rank 1`, or nil.
    public private(set) var firstLost: String?
    /// The place of the first negative time, for example `step 3, layer 0, rank 1`, or nil.
    public private(set) var firstNegativeTime: String?
    /// The place and name of the first loss, importance or smooth load that is infinite or not a number, or nil.
    public private(set) var firstNonFinite: String?
    private var lastStep = -1

    /// A scan of a run on `ranks` ranks of a model of this shape.
    public init(_ model: ModelShape, ranks: Int) {
        layers = model.layers
        experts = model.candidates
        identityExperts = model.identityExperts
        self.ranks = ranks
    }

    /// Check the record of the next step.
    ///
    /// - Throws: ``RecordError`` when the record cannot be one of this run: a layer, rank, expert or step that the run
    ///   does not have or that is there twice, a count that is negative or absurd, a time that is not a number; and
    ///   when the copies of the experts of a layer are not those of its ranks.
    public mutating func add(_ step: StepRecord) throws(RecordError) {
        let place = "step \(step.step)"
        guard step.step > lastStep else {
            throw RecordError("\(place) follows step \(lastStep); steps must be in order, each once")
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

    private mutating func add(_ layer: LayerRecord, _ place: String) throws(RecordError) {
        let lengths = [layer.expertCopies.count, layer.expertDropped.count, layer.importance.count]
        guard lengths.allSatisfy({ $0 == experts }) else {
            throw RecordError(
                "\(place): copies, drops and importance of \(lengths) experts; the model has \(experts)"
            )
        }
        guard layer.identityExperts == identityExperts else {
            throw RecordError(
                "\(place): \(layer.identityExperts) identity experts; the model has \(identityExperts)"
            )
        }
        try checkSmoothLoad(layer.smoothLoad, place)
        try checkCounts(layer.expertCopies + layer.expertDropped + [layer.tokensWithoutExpert], place)
        try checkPadding(layer, place)
        try checkTimes([layer.seconds, layer.gateSeconds, layer.mergeSeconds], place)
        try checkTimes([layer.sharedSeconds, layer.sharedComputeSeconds], place)
        try checkTimes([layer.exposedCommunicationSeconds, layer.exposedWithoutOverlapSeconds], place)
        let coordinator = layer.coordinator
        let works = [coordinator.gate, coordinator.permute, coordinator.combine, coordinator.messages]
        try checkTimes(works, "\(place), coordinator")
        try checkTraffic(layer.traffic, place)
        noteNonFinite(layer, place)
        let present = try presence(layer.ranks.map(\.rank), of: ranks, "rank", place)
        for (rank, isThere) in present.enumerated() where !isThere { noteLost("\(place), rank \(rank)") }
        for rank in layer.ranks { try add(rank, "\(place), rank \(rank.rank)") }
        try checkSums(layer, place)
    }

    /// Check that the copies of the experts and those of the ranks have one sum: one rank computes each routed copy, but
    /// none those of identity experts.
    private func checkSums(_ layer: LayerRecord, _ place: String) throws(RecordError) {
        guard layer.ranks.count == ranks else { return }
        let ofExperts = layer.placedCopies.reduce(0, +)
        let ofRanks = layer.ranks.reduce(0) { $0 + $1.copies }
        guard ofExperts != ofRanks else { return }
        throw RecordError(
            "\(place): the experts have \(ofExperts) routed copies and the ranks \(ofRanks); the sums must be equal"
        )
    }

    private mutating func add(_ rank: RankRecord, _ place: String) throws(RecordError) {
        try checkCounts([rank.copies, rank.sharedTokens, rank.dispatchBytes, rank.combineBytes], place)
        try checkTimes(Phase.ofRank.map { rank.seconds[$0] }, place)
        try checkTimes([rank.dispatchInFlightSeconds, rank.combineInFlightSeconds], place)
        samples += 1
    }

    /// Return for each of `0..<count` whether `indices` holds it, `[count]`.
    ///
    /// - Throws: ``RecordError`` when an index is out of range or there twice.
    private func presence(
        _ indices: [Int],
        of count: Int,
        _ what: String,
        _ place: String
    ) throws(RecordError) -> [Bool] {
        var present = [Bool](repeating: false, count: count)
        for index in indices {
            guard present.indices.contains(index), !present[index] else {
                throw RecordError(
                    "\(place): \(what) \(index) is recorded; each of the \(count) \(what)s has one record"
                )
            }
            present[index] = true
        }
        return present
    }

    private func checkTraffic(_ traffic: TrafficMatrix, _ place: String) throws(RecordError) {
        // A prediction for very many ranks, or without tokens, counts no pairs of ranks.
        guard traffic.ranks > 0 else { return }
        let entries = [traffic.naiveRows.count, traffic.deduplicatedRows.count]
        guard traffic.ranks == ranks, entries.allSatisfy({ $0 == ranks * ranks }) else {
            throw RecordError(
                "\(place): a traffic matrix of \(traffic.ranks) ranks with \(entries) entries; the run has \(ranks) ranks"
            )
        }
        try checkCounts(traffic.naiveRows, place)
        try checkCounts(traffic.deduplicatedRows, place)
        try checkCounts([traffic.dispatchRowBytes, traffic.combineRowBytes], place)
    }

    private func checkSmoothLoad(_ load: [Double]?, _ place: String) throws(RecordError) {
        guard let load, load.count != experts else { return }
        throw RecordError("\(place): a smooth load of \(load.count) experts; the model has \(experts)")
    }

    /// Check that there are at least as many padded rows as kept copies.
    ///
    /// Their number depends on the capacity that a user sets, so there is no upper limit.
    private func checkPadding(_ layer: LayerRecord, _ place: String) throws(RecordError) {
        let kept = layer.expertCopies.reduce(0, +)
        guard let rows = layer.paddedRows, rows < kept else { return }
        throw RecordError("\(place): \(rows) rows after padding; at least the \(kept) kept copies are needed")
    }

    private func checkCounts(_ counts: [Int], _ place: String) throws(RecordError) {
        for count in counts where !(0...Self.largestCount).contains(count) {
            throw RecordError(
                "\(place): a count of \(count); allowed are 0 to \(Self.largestCount)"
            )
        }
    }

    private mutating func checkTimes(_ times: [Double], _ place: String) throws(RecordError) {
        for time in times {
            guard time.magnitude <= Self.longestSeconds else {
                throw RecordError(
                    "\(place): a time of \(time) seconds; allowed are numbers up to \(Self.longestSeconds)"
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
