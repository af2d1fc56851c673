import ArgumentParser
import Basics
import EpsimApp
import RunStore

/// `epsim runs query`: a query of the index in SQL.
struct RunsQueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask the index in SQL.",
        discussion: """
            One statement that reads; the file is opened so that SQLite refuses to write. Tables: runs (one row per \
            run), rank_totals (run_id, rank), phases (run_id, phase) and losses (run_id, name). Figures are called as \
            their path in report.json with _ for the dots. 'epsim runs query --columns' lists them all.

            Examples:
              epsim runs query --sql 'SELECT id, tokens_per_second_p50 FROM runs ORDER BY 2 DESC LIMIT 5'
              epsim runs query --sql 'SELECT workers, min(time_step_seconds_p50) AS s FROM runs GROUP BY workers' --csv
              epsim runs query --sql "SELECT * FROM phases WHERE run_id LIKE '20261121%'" --json
            """
    )

    @OptionGroup var index: IndexArguments
    @Option(help: "The statement.") var sql: String?
    @OptionGroup var form: FormatArguments
    @Flag(help: "Short for --format csv.") var csv = false
    @Flag(help: "List the tables and columns with what they mean, and run nothing.") var columns = false
    @Option(help: "Interrupt the query after so many seconds (default: 10).") var seconds: Double?

    func validate() throws {
        if csv, form.json || ![nil, .csv].contains(form.format) { throw ValidationError("--csv excludes other forms") }
        guard (sql != nil) != columns else { throw ValidationError("give either --sql 'SELECT …' or --columns") }
        if columns, let other = form.flag ?? (csv ? "--csv" : seconds != nil ? "--seconds" : nil) {
            throw ValidationError("--columns prints a list and runs nothing, and excludes \(other)")
        }
        if let seconds, seconds <= 0 || seconds > 86_400 {
            throw ValidationError("--seconds \(seconds): more than 0 and at most 86400 is allowed")
        }
    }

    func run() throws {
        guard let sql else { return Console.print(IndexTable.markdown) }
        try RunsExecution(index: index.index).query(sql, seconds: seconds ?? 10, as: csv ? .csv : form.chosen)
    }
}
