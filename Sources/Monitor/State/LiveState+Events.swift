internal import Figures
public import Records

extension LiveState {
    /// So many workers are ready.
    public mutating func workersReady(_ count: Int) {
        workersReady = count
    }

    /// The workers are ready, or a warm-up step is done; so many are left.
    public mutating func warmup(left: Int) {
        warmupLeft = left
        stage = left > 0 ? .warmup : .measuring
    }

    /// A step was measured.
    ///
    /// - Parameters:
    ///   - record: its loads and times. What lies outside of the run's ranks and layers is left out.
    ///   - time: seconds on the watch.
    public mutating func measured(_ record: StepRecord, at time: Double) {
        stage = .measuring
        warmupLeft = 0
        stepSeconds.observe(record.seconds, series: 0)
        for layer in record.layers where layerFigures.indices.contains(layer.layer) { add(layer, of: record) }
        let summary = StepSummary(record, ranks: run.ranks)
        figures.add(summary.figures)
        window.add(StepWindow.Entry(record: record, summary: summary, time: time))
    }

    /// The run is over.
    ///
    /// - Precondition: `stage` is one that is over.
    public mutating func ended(_ stage: LiveStage, at time: Double) {
        precondition(stage.isOver, "a run ends in an end")
        self.stage = stage
        endTime = time
    }

    private mutating func add(_ layer: LayerRecord, of step: StepRecord) {
        layerFigures[layer.layer].add(LayerSample(layer, tokens: step.tokens, ranks: run.ranks))
        coordinatorSeconds[.gate, default: 0] += layer.gateSeconds
        coordinatorSeconds[.shared, default: 0] += layer.sharedSeconds
        coordinatorSeconds[.merge, default: 0] += layer.mergeSeconds
        for record in layer.ranks where (0..<run.ranks).contains(record.rank) {
            rankTotals[layer.layer * run.ranks + record.rank].add(record)
            let pair = grouping.index(rank: record.rank, layer: layer.layer)
            dispatchSeconds.observe(record.seconds.dispatch, series: pair)
            combineSeconds.observe(record.seconds.combine, series: pair)
        }
    }
}
