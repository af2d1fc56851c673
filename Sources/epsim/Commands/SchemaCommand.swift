import ArgumentParser
import Reports

/// `epsim schema`: what is in the files that epsim writes.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a file that epsim writes.",
        discussion: "Example:\n  epsim schema report > report.schema.json",
        subcommands: [SchemaReportCommand.self]
    )
}

/// `epsim schema report`.
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
            throw ExitCode.failure
        }
    }
}
