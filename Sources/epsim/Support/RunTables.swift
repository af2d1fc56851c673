import CostModel
import Reports
import Runtime

/// The tables of a run folder, which grow with the run, so that a coordinator that is killed leaves what it had measured.
final class RunTables {
    private let tables: [StepTableWriter]
    private var failure: ReportError?

    /// - Parameter placement: rank of each expert, `[layers][experts]`.
    init(_ folder: RunFolder, placement: [[Int]]) throws(ReportError) {
        tables = [try folder.samplesWriter(), try folder.expertsWriter(placement: placement)]
    }

    /// Adds a measured step. A table that cannot be written does not end the run; ``finish()`` tells.
    func update(_ event: SessionEvent) {
        guard case .measured(let step) = event, failure == nil else { return }
        do {
            for table in tables { try table.append(step) }
        } catch {
            failure = error
        }
    }

    /// Gives the files their names, or throws the first error of any of them.
    func finish() throws(ReportError) {
        if let failure { throw failure }
        for table in tables { try table.finish() }
    }
}
