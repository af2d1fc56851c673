import MoE
import Records

/// The check of records against the description of their run: shapes, ranges, and missing samples.
struct RecordCheck {
    /// The number of samples of a complete run, one per (step, layer, rank).
    let expected: Int
    /// The number of samples that the records hold.
    let recorded: Int
    /// The first sample that is missing from a step that was recorded, for example `step 3, layer 0, rank 1`, or nil.
    let firstLost: String?
    /// The place of the first negative time, or nil.
    let firstNegativeTime: String?
    /// The place and name of the first loss, importance or smooth load that is infinite or not a number, or nil.
    let firstNonFinite: String?

    /// Check every record once.
    ///
    /// - Throws: ``ReportError`` when a record cannot be of this run: a layer, rank, expert or step that the run does
    ///   not have or that is there twice, a count that is negative or absurd, a time that is not a number.
    init(_ steps: [StepRecord], of run: RunDescription) throws(ReportError) {
        try Self.checkDescription(run)
        var scan = RecordScan(run.model, ranks: run.workers.count)
        do {
            for step in steps { try scan.add(step) }
        } catch {
            throw ReportError(.record, error.description)
        }
        guard steps.count <= run.steps else {
            throw ReportError(.record, "\(steps.count) steps recorded, but the run has \(run.steps)")
        }
        expected = run.steps * run.model.layers * run.workers.count
        recorded = scan.samples
        firstLost = scan.firstLost
        firstNegativeTime = scan.firstNegativeTime
        firstNonFinite = scan.firstNonFinite
    }

    private static func checkDescription(_ run: RunDescription) throws(ReportError) {
        let sizes = [run.steps, run.model.layers, run.workers.count, run.model.experts, run.model.identityExperts]
        guard sizes.allSatisfy({ (0...1 << 20).contains($0) }) else {
            throw ReportError(
                .record,
                "steps, layers, workers, experts and identity experts are \(sizes); each must be between 0 and \(1 << 20)"
            )
        }
        for (rank, worker) in run.workers.enumerated() {
            guard worker.rank == rank, worker.expertsPerLayer.count == run.model.layers else {
                throw ReportError(
                    .record,
                    "worker \(rank) is described as rank \(worker.rank) with experts in "
                        + "\(worker.expertsPerLayer.count) layers; the model has \(run.model.layers)"
                )
            }
            guard worker.clockOffsetSeconds.isFinite, worker.clockUncertaintySeconds.isFinite else {
                throw ReportError(.record, "the clock offset of rank \(rank) is not a finite number")
            }
        }
        guard run.workload.cycles?.isFinite ?? true else {
            throw ReportError(.record, "the cycles of the workload are not a finite number")
        }
    }
}
