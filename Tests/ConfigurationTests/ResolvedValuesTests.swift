import ConfigurationSupport
import Foundation
import MoE
import Runtime
import Settings
import TestSupport
import Testing

@testable import Configuration

/// What every shipped configuration and every preset resolves to, against a dump: nothing but an intended change of a
/// file, a default or a catalogue entry may change it. What nobody gives and no default says is left out.
@Suite("The values of shipped configurations")
struct ResolvedValuesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("files", arguments: ["", "predict", "validation/this-machine"])
    func files(_ part: String) throws {
        let path = part.isEmpty ? shippedConfigurations : "\(shippedConfigurations)/\(part)"
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".yaml") }
        let blocks = try names.sorted().map { name in
            let resolved = try ConfigurationLoader.load(file: "\(path)/\(name)", environment: [:])
            return try Self.block(name, resolved, \.description)
        }
        try compare(blocks.joined(separator: "\n"), "\(part.isEmpty ? "configs" : part.replacing("/", with: "-")).txt")
    }

    @Test("presets, in training and where evaluation differs")
    func presets() throws {
        let catalogue = "\(shippedConfigurations)/models"
        let yaml = try TextFile.read("\(catalogue)/catalogue.yaml")
        let models = try Catalogue(yaml: yaml, file: "catalogue.yaml").models.sorted { $0.key < $1.key }
        let blocks = try models.map { name, facts in
            let trains = RouterCatalogue.entry(named: facts.router.rule ?? "")?.reads(\.training) == true
            let training = try preset(name, trains ? "true" : nil, catalogue)
            let before = Set(training)
            let evaluation = try preset(name, trains ? "false" : nil, catalogue).filter { !before.contains($0) }
            return (["\(name)"] + training + ["in evaluation"] + evaluation).map { $0 + "\n" }.joined()
        }
        try compare(blocks.joined(separator: "\n"), "presets.txt")
    }

    /// The sections model and router, with answers for what is not published.
    ///
    /// - Parameter training: the value of router.training, or nil where the router does not read it.
    private func preset(_ name: String, _ training: String?, _ catalogue: String) throws -> [String] {
        let answers = [
            "router.top_k=1", "model.shared_ffn=64", "model.expert_ffn=64", "model.experts=16384",
            "model.activation=relu", "model.hidden=64", "router.devices=4", "router.hierarchy_groups=16",
            "workload.kind=text", "workload.path=\(packageFolder("LICENSE"))",
        ]
        let file = try folder.write("cluster: {workers: 1}\n", as: "a.yaml")
        func load(_ set: [String]) throws -> ResolvedConfiguration {
            let flags = try (["model.preset=\(name)"] + (training.map { ["router.training=\($0)"] } ?? []) + set).map {
                try Override(set: $0)
            }
            return try ConfigurationLoader.load(
                file: file,
                overrides: flags,
                environment: [:],
                catalogueDirectory: catalogue
            )
        }
        // Answers that the error asks for; whatever else keeps a preset from resolving is part of the dump.
        var given: [String] = []
        for _ in 0..<4 {
            do {
                return try Self.lines(load(given)) { source in
                    if case .preset = source { "preset" } else { source.description }
                }
            } catch let error as ConfigurationError {
                let asked = answers.filter { answer in
                    !given.contains(answer) && error.description.contains(answer.prefix { $0 != "=" })
                }
                guard !asked.isEmpty else { return ["  \(Self.plain(error.description))"] }
                given += asked
            }
        }
        return []
    }

    private static func block(
        _ name: String,
        _ resolved: ResolvedConfiguration,
        _ source: (Source) -> String
    ) throws -> String {
        try ([name] + lines(resolved, source)).map { $0 + "\n" }.joined()
    }

    private static func lines(_ resolved: ResolvedConfiguration, _ source: (Source) -> String) throws -> [String] {
        // Presets are shown without what they leave at its default.
        let isShort = source(.preset("", file: "")) == "preset"
        let values = resolved.values.compactMap { value -> String? in
            guard let text = value.text, !isShort || isRouter(value.key) || isOfModel(value) else { return nil }
            return "  \(value.key) = \(text)\(value.unit.map { " \($0)" } ?? "")  (\(source(value.source)))"
        }
        let router = try resolved.plan.makeRouter()
        guard let rule = (router as? TopKRouter)?.rule else { return values.map(plain) + ["  \(router)"] }
        return values.map(plain)
            + ["  \(rule.summary)", "  drops \(rule.dropSummary)", "  losses \(rule.lossSummary)"]
    }

    private static func isRouter(_ key: String) -> Bool { key.hasPrefix("router.") }

    private static func isOfModel(_ value: ResolvedValue) -> Bool {
        value.key.hasPrefix("model.") && value.source != .builtIn
    }

    private static func plain(_ text: String) -> String {
        text.replacing(FileManager.default.currentDirectoryPath + "/runs", with: "runs")
            .replacing(shippedConfigurations, with: "configs")
    }

    private func compare(_ text: String, _ name: String) throws {
        let dump = packageFolder("Tests/ConfigurationTests/Fixtures/Resolved/\(name)")
        let shown = text.components(separatedBy: "\n")
        let expected = try String(contentsOfFile: dump, encoding: .utf8).components(separatedBy: "\n")
        let different = zip(shown, expected).first { $0 != $1 }
        #expect(different.map { "\($0) for \($1)" } == nil)
        #expect(shown.count == expected.count)
    }
}
