import Testing

@testable import EpsimApp

@Suite("Words of a command line")
struct CommandLineTests {
    private static let root = CommandLineWords.Command(
        "epsim",
        [.init("run"), .init("runs", [.init("list"), .init("show")]), .init("route")]
    )

    @Test(
        "negative numbers belong to the option before them",
        arguments: [
            (["run", "a", "--steps", "-5"], ["run", "a", "--steps=-5"]), (["--x", "-.5e3"], ["--x=-.5e3"]),
            (["--x", "5"], ["--x", "5"]), (["--x=1", "-5"], ["--x=1", "-5"]), (["--x", "-y"], ["--x", "-y"]),
            (["--x", "-inf"], ["--x", "-inf"]), (["--x", "-"], ["--x", "-"]), (["a", "-5"], ["a", "-5"]),
            (["--", "-5"], ["--", "-5"]), (["--", "--x", "-5"], ["--", "--x", "-5"]), ([], []),
        ]
    )
    func negativeNumbers(given: [String], words: [String]) {
        #expect(CommandLineWords(given).words == words)
    }

    @Test("unknown commands are named with the nearest and all others")
    func unknownCommands() {
        func error(_ words: String...) -> String? { CommandLineWords(words).unknownCommand(of: Self.root) }
        #expect(error("rnu") == "epsim: found command \"rnu\", did you mean run? allowed: run, runs or route")
        #expect(error("help", "xyz", "a") == "epsim: found command \"xyz\", allowed: run, runs or route")
        #expect(error("runs", "lst") == "epsim runs: found command \"lst\", did you mean list? allowed: list or show")
        for words in [["run", "anything"], ["runs", "list", "x"], ["--help"], ["runs"], ["runs", "--x"], []] {
            #expect(CommandLineWords(words).unknownCommand(of: Self.root) == nil)
        }
    }
}
