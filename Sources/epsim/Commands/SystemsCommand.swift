import ArgumentParser
import EpsimApp

/// `epsim systems`: the history of mixture-of-experts systems.
struct SystemsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systems",
        abstract: "List the mixture-of-experts systems of the field's history, or explain one.",
        discussion: "Examples:\n  epsim systems\n  epsim systems switch\n  epsim run --system switch"
    )

    @Argument(help: "A system to explain: formula, what was new, what it cost, sources.", completion: .systems)
    var name: [String] = []

    @OptionGroup var form: FormatArguments

    func run() throws {
        let execution = SystemsExecution(form.chosen)
        // A title has spaces: Mixtral 8x7B.
        if name.isEmpty { try execution.list() } else { try execution.explain(name.joined(separator: " ")) }
    }
}
