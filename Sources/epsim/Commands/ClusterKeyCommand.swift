import ArgumentParser
import Transport

/// `epsim cluster key`.
struct ClusterKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make the keys that a coordinator and its workers on other machines share.",
        discussion: """
            Example:
              epsim cluster key cluster.key
              epsim coordinator CONFIG --bind tcp://0.0.0.0:5555 --set cluster.key_file=cluster.key
              epsim worker --connect tcp://HOST:5555 --key-file cluster.key
            """
    )

    @Argument(help: "File to write; it must not exist.")
    var file: String

    func run() throws {
        do {
            try CurveKeys.generate().write(to: file)
        } catch {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        }
    }
}
