public import Records

extension StepLimits {
    /// Add the times of one layer to the limits of its step: as predicted, and with one cost changed at a time.
    ///
    /// - Parameter free: the same model on hardware that launches in no time.
    public mutating func add(_ rows: RoutedRows, of model: LayerModel, withoutLaunches free: LayerModel) {
        let schedule = model.schedule(rows)
        self += StepLimits(
            seconds: schedule.seconds,
            balanced: model.schedule(rows.balanced).seconds,
            withoutCommunication: schedule.times.work,
            withoutCompute: schedule.times.communication,
            withoutLinks: model.without(.link).schedule(rows).seconds,
            withoutNics: model.without(.nic).schedule(rows).seconds,
            withoutLaunches: free.schedule(rows).seconds,
            withoutStraggler: model.straggler.map { _ in model.withoutStraggler.schedule(rows).seconds },
            experts: schedule.times.compute
        )
    }
}

extension RoutedRows {
    /// The same rows in total, spread evenly over slots and ranks.
    var balanced: RoutedRows {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
        var even = self
        let ofSlot = mean(slotRows.flatMap(\.self))
        even.slotRows = slotRows.map { [Double](repeating: ofSlot, count: $0.count) }
        var rank = RankRows()
        for path in RankRows.flows {
            let flows = ranks.map { $0[keyPath: path] }
            rank[keyPath: path] = Flow(sent: mean(flows.map(\.sent)), received: mean(flows.map(\.received)))
        }
        even.ranks = [RankRows](repeating: rank, count: ranks.count)
        return even
    }
}
