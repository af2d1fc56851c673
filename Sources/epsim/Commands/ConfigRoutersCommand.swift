import ArgumentParser
import Configuration

/// `epsim config routers`.
struct ConfigRoutersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routers",
        abstract: "Print every router that router.kind can name, with its source, as Markdown.",
        discussion: "Example:\n  epsim config routers"
    )

    func run() {
        Console.print(RouterReference.markdown())
    }
}
