import Basics

extension TerminalReport {
    /// The longest host name shown.
    private static let hostCharacters = 24

    /// What was run, each line after `#`.
    func header() -> [String] {
        let run = report.run
        let title = wrapped("epsim \(run.epsimVersion), run \(run.id), started \(run.startedAt)", prefix: "# ")
        let entries = run.entries.flatMap { entry in
            wrapped(entry.value, prefix: "# \(entry.key): ", continuation: "#   ")
        }
        return title + entries + (run.hardware == nil ? rankLines(run.workers) : [])
    }

    private func rankLines(_ workers: [RankDescription]) -> [String] {
        let isUncertain = workers.contains { $0.clockUncertaintySeconds > 0 }
        let absent = workers.filter { !$0.hasJoined }.map { "# rank \($0.rank): never joined" }
        let cells = workers.filter(\.hasJoined).map { Self.cells($0, isUncertain: isUncertain) }
        var table = TextTable(columns: cells.first?.map { _ in .init("", alignment: .left) } ?? [], gap: 1)
        for row in cells { table.append(row) }
        let lines = table.lines().flatMap { line in
            line.count + 2 > width
                ? wrapped(line, prefix: "# ", continuation: "#   ") : [("# " + line).withoutTrailingSpaces]
        }
        return lines + absent
    }

    private static func cells(_ worker: RankDescription, isUncertain: Bool) -> [String] {
        let weights = DisplayUnit.mebibytes(decimals: 1).full(Double(worker.weightBytes))
        let clock = DisplayUnit.microseconds(decimals: 1).full(worker.clockUncertaintySeconds)
        return ["rank \(worker.rank):", "pid \(worker.pid)", "on \(clipped(Printable.text(worker.host))),"]
            + ["\(experts(worker)) experts,", "weights \(weights),"]
            + (isUncertain ? ["clock ±\(clock),"] : [])
            + ["kernel \(Printable.text(worker.kernels.joined(separator: " ")))"]
    }

    private static func experts(_ worker: RankDescription) -> String {
        let counts = Set(worker.expertsPerLayer).sorted()
        guard let fewest = counts.first, let most = counts.last else { return "0" }
        return fewest == most ? "\(most)" : "\(fewest)-\(most)"
    }

    private static func clipped(_ text: String) -> String {
        text.count > hostCharacters ? text.prefix(hostCharacters - 1) + "…" : text
    }
}
