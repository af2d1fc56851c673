import ArgumentParser
import EpsimApp
import Figures
import Monitor
import Reports

/// `epsim schema`: the meaning of the files that epsim writes.
struct SchemaCommand: ParsableCommand {
    /// What is described.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case report, figures, metrics
    }

    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print what is in the files that epsim writes: figures, metrics, the JSON Schema of a report.",
        discussion: """
            report: the JSON Schema (draft 2020-12) of report.json. Keys are only added within one schema_version, so a \
            reader must not mind keys that it does not know.
            figures: every figure of a report, where it is, its title, formula and unit, as Markdown. A figure is called \
            by its path in report.json everywhere; of a spread, mean, p50, p90 and max follow behind a further dot.
            metrics: every metric that a run serves to Prometheus, as Markdown.

            Examples:
              epsim schema figures
              epsim schema report > report.schema.json
            """
    )

    @Argument(help: "What to describe: report, figures or metrics.") var part: Part

    func run() throws {
        switch part {
        case .report: Console.print(try ReportSchema.json())
        case .figures: Console.print(Figure.markdown)
        case .metrics: Console.print(Metric.markdown)
        }
    }
}
