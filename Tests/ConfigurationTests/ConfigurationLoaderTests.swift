import Basics
import ConfigurationSupport
import Foundation
import Runtime
import Settings
import TestSupport
import Testing
import Workloads

@testable import Configuration

@Suite("Loading from files")
struct ConfigurationLoaderTests {
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path }

    init() throws {
        temporary = try TemporaryFolder()
    }

    private func write(_ name: String, _ text: String) throws -> String {
        try temporary.write(text, as: name)
    }

    private func write(_ name: String, _ data: Data) throws -> String {
        try temporary.write(data, as: name)
    }

    private func failures(_ file: String, environment: [String: String] = [:]) -> [String] {
        problems { () throws(ConfigurationError) in
            _ = try ConfigurationLoader.load(file: file, environment: environment)
        }
    }

    @Test("a configuration that cannot be read is named")
    func unreadable() throws {
        #expect(
            failures("\(folder)/none.yaml") == [
                "\(folder)/none.yaml: found no such file, allowed: a readable text file"
            ]
        )
        #expect(failures(folder) == ["\(folder): found a folder, allowed: a readable text file"])
        let bytes = try write("bytes.yaml", Data([0x72, 0xFF, 0xFE]))
        #expect(failures(bytes) == ["\(bytes): found not UTF-8 text, allowed: a readable text file"])
        let large = try write("large.yaml", String(repeating: "#", count: 4 << 20 | 1))
        #expect(failures(large) == ["\(large): found larger than 4 MiB, allowed: a readable text file"])
        #expect(failures("/dev/null") == ["/dev/null: found not a regular file, allowed: a readable text file"])
    }

    @Test("a byte order mark and the line ends of Windows change nothing")
    func windows() throws {
        let text = "# a configuration\nmodel: {layers: 3, hidden: 1e2}\nrun:\n  steps: 7\n"
        let plain = try ConfigurationLoader.load(file: try write("plain.yaml", text), environment: [:]).plan
        for (name, other) in [
            ("mark", "\u{FEFF}" + text), ("ends", text.replacing("\n", with: "\r\n")),
            ("both", "\u{FEFF}" + text.replacing("\n", with: "\r\n")),
        ] {
            let plan = try ConfigurationLoader.load(file: try write("\(name).yaml", other), environment: [:]).plan
            #expect(plan == plain && plan.run.steps == 7 && plan.model.hidden == 100, "\(name)")
        }
        let misplaced = try write("misplaced.yaml", "\u{FEFF}model:\r\n  layrs: 3\r\n")
        #expect(failures(misplaced).first?.hasPrefix("\(misplaced):2:3: model.layrs: unknown key") == true)
        let utf16 = try write("utf16.yaml", Data([0xFF, 0xFE, 0x6D, 0x00]))
        #expect(failures(utf16) == ["\(utf16): found UTF-16 text instead of UTF-8, allowed: a readable text file"])
    }

    @Test("the files that a run reads must be there")
    func missingInput() throws {
        let file = try write("a.yaml", "workload:\n  kind: text\n  path: in.txt\ncluster:\n  key_file: .\n")
        #expect(
            failures(file) == [
                "\(file):3:3: workload.path: found \(Quoted.text("\(folder)/in.txt")): no such file, "
                    + "allowed: a readable file",
                "\(file):5:3: cluster.key_file: found \(Quoted.text(folder)): a folder, allowed: a readable file",
            ]
        )
    }

    @Test("the resolved YAML loads from anywhere")
    func roundTrip() throws {
        _ = try write("models/catalogue.yaml", smallCatalogue)
        _ = try write("in.txt", "hello")
        let file = try write("a.yaml", "model: {preset: plain-8x2}\nworkload: {kind: text, path: in.txt}\n")
        let resolved = try ConfigurationLoader.load(file: file, environment: [:])
        #expect(resolved.plan.workload.path == "\(folder)/in.txt")
        let copy = try write("elsewhere/config.yaml", resolved.yaml)
        let again = try ConfigurationLoader.load(
            file: copy,
            environment: [:],
            catalogueDirectory: "\(folder)/models"
        )
        #expect(again.plan == resolved.plan)
    }

    @Test("the catalogue is named by a variable, or its absence explained")
    func catalogue() throws {
        let catalogue = try write("mine/catalogue.yaml", smallCatalogue)
        let file = try write("a.yaml", "model: {preset: plain-8x2}")
        let loaded = try ConfigurationLoader.load(file: file, environment: ["EPSIM_CATALOGUE": "\(folder)/mine"])
        #expect(
            loaded.values.first { $0.key == "model.layers" }?.source == .preset("plain-8x2", file: catalogue)
        )
        #expect(
            failures(file, environment: ["EPSIM_CATALOGUE": "/nowhere"]) == [
                "\(file):1:9: model.preset: found no catalogue of models, looked for /nowhere/catalogue.yaml; "
                    + "set EPSIM_CATALOGUE"
            ]
        )
    }
}
