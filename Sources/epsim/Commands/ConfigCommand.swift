import ArgumentParser
import Basics
import Configuration
import EpsimApp

/// `epsim config`: views of configurations.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at configurations.",
        discussion: "Example:\n  epsim config show configs/quickstart.yaml",
        subcommands: [ConfigShowCommand.self, ConfigReferenceCommand.self, ConfigRoutersCommand.self]
    )
}

/// `epsim config show`: a resolved configuration, each value with its source.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the resolved configuration, each value with where it came from.",
        discussion: "Example:\n  EPSIM_MODEL_LAYERS=2 epsim config show configs/quickstart.yaml --workers 8"
    )

    @OptionGroup var arguments: ConfigurationArguments

    func run() throws { Console.print(try arguments.request().load().showTable()) }
}

/// `epsim config reference`: every configuration key with allowed values, default and meaning.
struct ConfigReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Print every key with its type, default and meaning, as Markdown.",
        discussion: "Example:\n  epsim config reference router"
    )

    @Argument(help: "The sections to print; all when left out.") var sections: [String] = []

    func validate() throws {
        guard let unknown = sections.first(where: { !ConfigurationReference.sections.contains($0) }) else { return }
        let allowed = WordList.alternatives(ConfigurationReference.sections)
        throw ValidationError("found section \(Quoted.text(unknown)), allowed: \(allowed)")
    }

    func run() { Console.print(ConfigurationReference.markdown(of: sections)) }
}

/// `epsim config routers`: every router that `router.kind` can name.
struct ConfigRoutersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routers",
        abstract: "Print every router that router.kind can name: a table; Markdown where it is no terminal.",
        discussion: "Example:\n  epsim config routers"
    )

    func run() { Console.print(markdown: RouterReference.markdown, text: RouterReference.text) }
}
