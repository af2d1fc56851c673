import Basics
import Reports

extension RunIndex {
    /// Runs of the index.
    public func runs(_ filter: RunFilter = RunFilter()) throws(RunStoreError) -> [IndexedRun] {
        let (sql, arguments) = try filter.statement()
        return try runs(sql, arguments)
    }

    /// How many runs pass a filter, whatever its limit.
    public func count(_ filter: RunFilter = RunFilter()) throws(RunStoreError) -> Int {
        let (sql, arguments) = filter.count
        let result = try query(sql, arguments)
        return Int(result.rows.first?.first?.number ?? 0)
    }

    /// The run whose id begins with `prefix`.
    ///
    /// - Throws: ``RunStoreError`` when none does, or several.
    public func run(idPrefix prefix: String) throws(RunStoreError) -> IndexedRun {
        let shown = Printable.text(prefix)
        guard !prefix.isEmpty else { throw RunStoreError("'' is no id of a run") }
        let sql = "SELECT * FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id = ?1 DESC, id LIMIT 6"
        let found = try runs(sql, [.text(prefix)])
        guard let first = found.first else {
            throw RunStoreError("no run of the index '\(Printable.text(path))' has an id that begins with '\(shown)'")
        }
        guard found.count == 1 || first.id == prefix else {
            let ids = found.prefix(5).map(\.id).joined(separator: ", ") + (found.count > 5 ? ", …" : "")
            throw RunStoreError("several runs have ids that begin with '\(shown)': \(ids)")
        }
        return first
    }

    private func runs(_ sql: String, _ arguments: [IndexValue]) throws(RunStoreError) -> [IndexedRun] {
        let bounds = QueryBounds(seconds: 30, rows: 1_000_000, bytes: 1 << 30)
        let result = try query(sql, arguments, bounds: bounds)
        return result.rows.map { IndexedRun($0, result.columns, below: folder) }
    }
}
