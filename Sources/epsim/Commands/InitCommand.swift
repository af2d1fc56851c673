import ArgumentParser
import EpsimApp

/// `epsim init`: a configuration with comments to start from.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a configuration with comments to start from.",
        discussion: """
            Without options it asks a few questions on a terminal, and takes the defaults elsewhere. A model of the \
            catalogue gets a few layers and a scale with which it fits a laptop, unless --set chooses others.

            Examples:
              epsim init
              epsim init mixtral.yaml --model mixtral-8x7b --workers 8
              epsim init --system deepseek-v3 --steps 5 && epsim run epsim.yaml
            """
    )
    @Argument(help: "File to write (YAML).", completion: .file(extensions: ["yaml", "yml"])) var file = "epsim.yaml"
    @Option(help: "A model of the catalogue (model.preset).") var model: String?
    @Option(help: "A system of 'epsim systems', at laptop size.") var system: String?
    @Option(help: "Number of workers, one per rank (cluster.workers).") var workers: Int?
    @Option(help: "Tokens per step (workload.tokens).") var tokens: Int?
    @Option(help: "The router (router.kind).") var router: String?
    @Option(help: "Measured steps (run.steps).") var steps: Int?
    @Option(help: "Choose the value of any key; may be repeated.") var set: [ConfigurationOverride] = []
    @Flag(help: "Replace the file where it exists.") var force = false

    func validate() throws {
        if model != nil && system != nil { throw ValidationError("--model and --system exclude each other") }
        if file.isEmpty { throw ValidationError("the file must have a name") }
    }

    func run() throws {
        let flags = [
            ("model.preset", model, "--model"), ("cluster.workers", workers.map(String.init), "--workers"),
            ("workload.tokens", tokens.map(String.init), "--tokens"), ("router.kind", router, "--router"),
            ("run.steps", steps.map(String.init), "--steps"),
        ]
        try InitExecution(file: file, system: system, flags: flags, set: set.map(\.text), isForced: force).run()
    }
}
