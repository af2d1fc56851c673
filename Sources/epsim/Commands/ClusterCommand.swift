import ArgumentParser

/// `epsim cluster`: workers that stay between runs, and keys for workers elsewhere.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Start, look at and end workers that stay between runs; make keys.",
        discussion: """
            Example:
              epsim cluster up --workers 4
              epsim run configs/quickstart.yaml --cluster     (again and again: weights are kept)
              epsim cluster down
            """,
        subcommands: [
            ClusterUpCommand.self, ClusterStatusCommand.self, ClusterDownCommand.self, ClusterKeyCommand.self,
        ]
    )
}

/// Names a cluster.
struct ClusterName: ParsableArguments {
    @Option(help: "Name of the cluster: letters, digits and dashes.")
    var name = "default"

    func validate() throws {
        guard !name.isEmpty, name.count <= 32,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { throw ValidationError("--name '\(name)': 1 to 32 letters, digits and dashes are allowed") }
    }
}
