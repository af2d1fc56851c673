import ArgumentParser
import EpsimApp
import Figures
import Monitor
import Reports

/// `epsim schema`: the content of the files that epsim writes.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print what is in the files that epsim writes: figures, metrics, the JSON Schema of a report.",
        discussion: """
            Examples:
              epsim schema figures
              epsim schema report > report.schema.json
            """,
        subcommands: [SchemaReportCommand.self, SchemaFiguresCommand.self, SchemaMetricsCommand.self]
    )
}

/// `epsim schema report`: the JSON Schema of report.json.
struct SchemaReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print the JSON Schema (draft 2020-12) of report.json.",
        discussion: """
            Keys are only added within one schema_version, so a reader must not mind keys that it does not know.

            Example:
              epsim schema report > report.schema.json
            """
    )

    func run() throws {
        do {
            Console.print(try ReportSchema.json())
        } catch {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        }
    }
}

/// `epsim schema figures`: every figure of a report, with formula and unit.
struct SchemaFiguresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures",
        abstract: "Print every figure of a report: where it is, what it is called, its formula and unit.",
        discussion: """
            The table is Markdown. A figure is called by its path in report.json everywhere; of a spread, mean, p50, p90 and \
            max follow behind a further dot. Requirements also take the short names.

            Example:
              epsim schema figures
            """
    )

    func run() { Console.print(Figure.markdown) }
}

/// `epsim schema metrics`: every metric that a run serves to Prometheus.
struct SchemaMetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Print every metric that a run serves to Prometheus.",
        discussion: """
            The table is Markdown.

            Example:
              epsim schema metrics
            """
    )

    func run() { Console.print(Metric.markdown) }
}
