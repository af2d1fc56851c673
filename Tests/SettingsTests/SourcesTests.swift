import Basics
import Testing

@testable import Settings

/// A table that no part of epsim knows.
struct Oven: Equatable {
    var heat = 200
    var program: String?
    var door = Door()
    var notes: [String: String] = [:]

    struct Door: Equatable { var isOpen = false }

    static let table = OptionTable<Oven>(
        [
            Option("oven.heat", \.heat, .integer(50...250), "How hot it is.", unit: "°C"),
            Option(optional: "oven.program", \.program, .words, "What it does."),
            Option("oven.door.open", \.door.isOpen, .boolean, "Whether the door is open."),
        ],
        maps: ["oven.notes": \.notes]
    )
}

@Suite("What sources say")
struct SourcesTests {
    private func lines(_ layer: Layer<Oven>) -> [String] { layer.problems.kept.map(\.description) }

    private func read(_ yaml: String) -> Layer<Oven> {
        Layer(yaml: yaml, file: "a.yaml", directory: "/conf", table: Oven.table, root: Oven())
    }

    @Test("a file: values with their places, sections in sections")
    func file() {
        let layer = read("oven:\n  heat: 220\n  door: {open: true}\n")
        #expect(layer.problems.isEmpty)
        #expect(layer.assignments.map(\.key) == ["oven.heat", "oven.door.open"])
        #expect(layer.assignments.map(\.text) == ["220", "true"])
        #expect(layer.values == Oven(heat: 220, door: Oven.Door(isOpen: true)))
        #expect(layer.assignments[1].source == .file("a.yaml", line: 3, column: 10))
    }

    @Test("a file: everything that is wrong, with line and column")
    func wrongFile() {
        #expect(
            lines(read("oven: {heat: 20, hat: 3}\ndoor: 1\n")) == [
                "a.yaml:1:8: oven.heat: found 20, allowed: an integer from 50 to 250",
                "a.yaml:1:18: oven.hat: unknown key, did you mean oven.heat?",
                "a.yaml:2:1: door: unknown key, allowed: oven",
            ]
        )
    }

    @Test("a file: a mapping of any names to texts")
    func maps() {
        let layer = read("oven:\n  notes: {color: red, size: 3}\n")
        #expect(layer.problems.isEmpty && layer.values.notes == ["color": "red", "size": "3"])
        #expect(
            lines(read("oven: {notes: 3}\n")) == [
                "a.yaml:1:15: oven.notes: found 3, allowed: a mapping of names to texts"
            ]
        )
        #expect(
            lines(read("oven: {notes: {color: [red]}}\n")) == [
                "a.yaml:1:16: oven.notes: found \"color\" with a list, allowed: a mapping of names to texts"
            ]
        )
    }

    @Test("variables and flags")
    func others() {
        let environment = Layer(
            environment: ["EPSIM_OVEN_HEAT": "100", "EPSIM_OVEN_HEA": "1", "EPSIM_SINK": "1"],
            directory: "/",
            table: Oven.table,
            root: Oven()
        )
        #expect(environment.assignments.map(\.text) == ["100"])
        #expect(lines(environment) == ["environment EPSIM_OVEN_HEA: unknown variable, did you mean EPSIM_OVEN_HEAT?"])
        let flag = Override(key: "oven.heat", value: "90", flag: "--heat")
        let flags = Layer(overrides: [flag, flag], directory: "/", table: Oven.table, root: Oven())
        #expect(lines(flags) == ["flag --heat: oven.heat: given by --heat and again by --heat, allowed: once"])
    }

    @Test("the argument of --set is key=value")
    func setArgument() throws {
        let override = try Override(set: "workload.path=a=b")
        #expect(override == Override(key: "workload.path", value: "a=b", flag: "--set"))
        for argument in ["", "cluster.workers", "=3"] {
            let error = #expect(throws: ConfigurationError.self) { try Override(set: argument) }
            let allowed = "allowed: key=value, for example cluster.workers=8"
            #expect(error?.description == "flag --set: found \"\(argument)\", \(allowed)")
        }
    }

    @Test("texts as YAML scalars, and paths that name files")
    func texts() {
        #expect(YAMLScalar.text("abc-1") == "abc-1" && YAMLScalar.text("null") == "\"null\"")
        #expect(YAMLScalar.text("a \"b\"") == #""a \"b\"""#)
        #expect(PathText.isPath("a/b") && PathText.isPath("b.yaml") && !PathText.isPath("B200"))
        #expect(PathText.absolute("./x", in: "/conf") == "/conf/x" && Folder.of("x.yaml") == ".")
    }
}
