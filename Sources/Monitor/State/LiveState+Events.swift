public import Records
internal import MoE

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
        steps += 1
        tokens += record.tokens
        stepSeconds.observe(record.seconds, series: 0)
        for layer in record.layers where layerTotals.indices.contains(layer.layer) { add(layer) }
        let summary = StepSummary(record, ranks: run.ranks)
        communicationSeconds += summary.communicationSeconds
        exposedSeconds += summary.exposedSeconds
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

    private mutating func add(_ layer: LayerRecord) {
        layerTotals[layer.layer].add(layer, ranks: run.ranks)
        for record in layer.ranks where (0..<run.ranks).contains(record.rank) {
            rankTotals[layer.layer * run.ranks + record.rank].add(record)
            let pair = grouping.index(rank: record.rank, layer: layer.layer)
            dispatchSeconds.observe(record.seconds.dispatch, series: pair)
            combineSeconds.observe(record.seconds.combine, series: pair)
        }
        for loss in layer.losses {
            if let index = losses.firstIndex(where: { $0.name == loss.name }) {
                losses[index].value.add(loss.value)
            } else {
                var value = RunningMean()
                value.add(loss.value)
                losses.append(LossTotals(name: loss.name, value: value))
            }
        }
    }
}
