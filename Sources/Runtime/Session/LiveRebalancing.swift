internal import Cluster
internal import Placement
internal import Records

/// The rebalancing of a live run: it feeds a `Rebalancer` with the loads of steps, has workers load what is to move,
/// switches layers between two steps, and keeps a record of each rebalance.
struct LiveRebalancing {
    /// What is known of a step: its imbalance over layers, its seconds, and the rebalance that was under way.
    private struct Seen {
        let imbalance: Double?
        let seconds: Double
    }

    /// A rebalance and what it cost.
    private struct Running {
        var record: RebalanceRecord
        /// Steps that were seen when it began.
        let begun: Int
        let beganAt: Nanoseconds
        var bytesOfRank: [Int]
        var secondsOfRank: [Double]
        /// Seconds for which the next step waited for moves, without planning.
        var waitedSeconds = 0.0
        /// Steps that were seen when the last layer switched.
        var ended: Int?
    }

    private let mode: RebalanceMode
    private let warmup: Int
    private let shell: CoordinatorShell
    private let ranks: Int
    private var rebalancer: Rebalancer
    private var seen: [Seen] = []
    private var runs: [Running] = []
    private var secondsPerCopy: Double?
    private var secondsPerMove: Double

    /// The placement in force.
    var placement: Placement { rebalancer.placement }

    /// Whether any layer has another map than at the start.
    var hasMoved: Bool {
        (rebalancer.finished + [rebalancer.current].compactMap(\.self)).contains { !$0.switched.isEmpty }
    }

    /// The rebalancing of a run, or nil where it has none.
    init?(_ setup: SessionSetup, _ plan: RunPlan, shell: CoordinatorShell) {
        let cluster = plan.cluster
        guard cluster.rebalancing.trigger != .never, let policy = cluster.placement.policy else { return nil }
        mode = cluster.rebalanceMode
        warmup = plan.run.warmup
        ranks = setup.placement.ranks
        self.shell = shell
        rebalancer = Rebalancer(
            cluster.rebalancing,
            policy: policy,
            placement: setup.placement,
            nodes: cluster.nodes,
            groups: plan.routerGroups,
            seed: plan.run.seed
        )
        // A worker that held its weights from before took no time, which says nothing: moves then count as free until
        // the first are made.
        secondsPerMove =
            shell.members.map { member in
                let slots = setup.placement.slotCounts(ofRank: member.rank).reduce(0, +)
                return member.loadSeconds / Double(max(1, slots))
            }.max() ?? 0
    }

    /// Do what is due between a step and the next: switch the layers whose experts have arrived, and begin to move others.
    ///
    /// - Returns: the layers that have a new map from now on.
    mutating func stepEnded(_ record: StepRecord) throws(RuntimeError) -> [Int: LayerPlacement] {
        note(record)
        var switched: [Int: LayerPlacement] = [:]
        try settle(&switched)
        try begin()
        if mode == .blocking { try wait(&switched) }
        return switched
    }

    private mutating func note(_ record: StepRecord) {
        // Copies that were dropped were wanted, too.
        rebalancer.observe(
            record.layers.map { layer in
                zip(layer.placedCopies, layer.expertDropped).map(+)
            }
        )
        let imbalances = record.layers.compactMap { Imbalance.ofRanks($0.ranks.map { Double($0.copies) }) }
        let mean = imbalances.isEmpty ? nil : imbalances.reduce(0, +) / Double(imbalances.count)
        seen.append(Seen(imbalance: mean, seconds: record.seconds))
        let busy = record.layers.flatMap(\.ranks)
        let copies = busy.reduce(0) { $0 + $1.copies }
        if copies > 0 { secondsPerCopy = busy.reduce(0) { $0 + $1.seconds.compute } / Double(copies) }
    }

    /// Begin the moves that are due now.
    private mutating func begin() throws(RuntimeError) {
        let started = MonotonicClock.now()
        let wasRunning = rebalancer.current != nil
        let over = rebalancer.finished.count
        let prices = secondsPerCopy.map { MovePrices(secondsPerCopy: $0, secondsPerMove: secondsPerMove) }
        let changes = rebalancer.next(prices)
        let planned = (MonotonicClock.now() - started).seconds
        guard wasRunning || rebalancer.current != nil || rebalancer.finished.count > over else { return }
        if !wasRunning, let rebalance = rebalancer.current ?? rebalancer.finished.last {
            runs.append(
                Running(
                    record: RebalanceRecord(step: rebalance.step - warmup, reason: rebalance.reason),
                    begun: seen.count,
                    beganAt: started,
                    bytesOfRank: [Int](repeating: 0, count: ranks),
                    secondsOfRank: [Double](repeating: 0, count: ranks)
                )
            )
        }
        update { $0.record.planningSeconds += planned }
        for change in changes {
            let experts = (0..<ranks).map { change.placement.experts(onRank: $0) }
            try shell.carryOut(
                shell.machine.prepare(layer: change.layer, experts: experts, now: MonotonicClock.now())
            )
        }
    }

    /// Wait until nothing moves any more: every wait for a worker has a deadline of its own.
    private mutating func wait(_ switched: inout [Int: LayerPlacement]) throws(RuntimeError) {
        let started = MonotonicClock.now()
        guard rebalancer.current != nil else { return }
        let planned = runs.last?.record.planningSeconds ?? 0
        while rebalancer.current != nil {
            if shell.machine.isMovingSlots {
                try shell.pump(milliseconds: CoordinatorShell.tickMilliseconds)
                try settle(&switched)
            } else {
                // As many layers at a time as the rules allow.
                try begin()
            }
        }
        let seconds = (MonotonicClock.now() - started).seconds
        update { $0.waitedSeconds += seconds - ($0.record.planningSeconds - planned) }
    }

    /// Switch or drop what every rank has answered to.
    private mutating func settle(_ switched: inout [Int: LayerPlacement]) throws(RuntimeError) {
        let (settled, directives) = shell.machine.settle(now: MonotonicClock.now())
        try shell.carryOut(directives)
        for move in settled {
            let change = rebalancer.current?.changes.last { $0.layer == move.layer }
            let (count, now) = (seen.count, MonotonicClock.now())
            if let refusal = move.refusal {
                rebalancer.refused(layer: move.layer, refusal)
            } else {
                rebalancer.switched(layer: move.layer)
                switched[move.layer] = change?.placement
                let loads = move.answers.filter { $0.copies > 0 }
                if let longest = loads.map({ $0.seconds / Double($0.copies) }).max() { secondsPerMove = longest }
            }
            update { run in
                if move.refusal == nil { run.ended = count }
                run.record.backgroundSeconds = (now - run.beganAt).seconds
                for (rank, answer) in move.answers.enumerated() where move.refusal == nil {
                    run.bytesOfRank[rank] += answer.bytes
                    run.secondsOfRank[rank] += answer.seconds
                }
            }
        }
    }

    private mutating func update(_ change: (inout Running) -> Void) {
        guard let last = runs.indices.last else { return }
        change(&runs[last])
    }

    /// The record of each rebalance, as far as the run has got.
    var records: [RebalanceRecord] {
        let rebalances = rebalancer.finished + [rebalancer.current].compactMap(\.self)
        return zip(rebalances, runs).enumerated().map { index, pair in
            let (rebalance, run) = pair
            let next = index + 1 < runs.count ? runs[index + 1].begun : seen.count
            return record(rebalance, run, next: next)
        }
    }

    private func record(_ rebalance: Rebalance, _ run: Running, next: Int) -> RebalanceRecord {
        var record = run.record
        record.layersSwitched = rebalance.switched.count
        record.layersKept = rebalance.keptLayers
        record.refusals = rebalance.refusals
        record.copies = rebalance.copies
        record.bytes = run.bytesOfRank.reduce(0, +)
        record.mostBytes = run.bytesOfRank.max() ?? 0
        record.loadingSeconds = run.secondsOfRank.max() ?? 0
        record.blockedSeconds = record.planningSeconds + run.waitedSeconds
        record.backgroundSeconds = max(0, record.backgroundSeconds - record.blockedSeconds)
        let window = rebalancer.rules.window
        let before = seen[max(0, run.begun - window)..<run.begun]
        record.imbalanceBefore = Self.mean(before.compactMap(\.imbalance))
        record.secondsBefore = Self.mean(before.map(\.seconds))
        let moved = rebalance.changes.filter { change in rebalance.switched.contains { $0.layer == change.layer } }
        record.imbalanceExpected = Self.mean(moved.map(\.after))
        guard let ended = run.ended else { return record }
        record.stepsUntilSwitched = ended - run.begun
        let after = seen[ended..<max(ended, min(next, ended + window))]
        record.imbalanceAfter = Self.mean(after.compactMap(\.imbalance))
        record.secondsMeanwhile = Self.mean(seen[run.begun..<ended].map(\.seconds))
        record.secondsAfter = Self.mean(after.map(\.seconds))
        let cost = moved.compactMap(\.costSeconds).reduce(0, +)
        let saved = moved.compactMap(\.savedSeconds).reduce(0, +)
        if saved > 0 { record.breakEvenExpected = cost / saved }
        if let before = record.secondsBefore, let after = record.secondsAfter, before > after {
            let lost = ((record.secondsMeanwhile ?? before) - before) * Double(ended - run.begun)
            record.breakEvenMeasured = max(0, record.blockedSeconds + lost) / (before - after)
        }
        return record
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
