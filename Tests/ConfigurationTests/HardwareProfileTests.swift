import Basics
import ConfigurationSupport
import CostModel
import Foundation
import Settings
import TestSupport
import Testing

@testable import Configuration

@Suite("Hardware profiles")
struct HardwareProfileTests {
    private static let names = [
        "A100-SXM", "B200", "GB200-NVL72", "H100-SXM", "H20", "H200-SXM", "H800-SXM", "MI300X",
    ]
    private let folder = "\(shippedConfigurations)/hardware"

    /// All that come with epsim, those of the dump among them.
    private static let shippedNames =
        (try? FileManager.default.contentsOfDirectory(
            atPath: "\(shippedConfigurations)/hardware"
        ))?.map { String($0.dropLast(".yaml".count)) } ?? []

    @Test("those that come with epsim", arguments: shippedNames)
    func shipped(name: String) throws {
        let path = "\(folder)/\(name).yaml"
        let text = try TextFile.read(path)
        let document = try ProfileReader.read(yaml: text, file: path, keys: HardwareConstant.self)
        let profile = try HardwareLoader.load(named: path, environment: [:])
        #expect(profile.name == name)
        #expect(Set(Self.names).isSubset(of: Self.shippedNames))
        #expect(ProfileWriter.yaml(document) == text, "written back, it is the same file")
        for (key, constant) in profile.constants where constant.basis == .fitted {
            #expect(constant.spread != nil || key.unit == "rows", "\(key.rawValue): a fit has a spread")
        }
    }

    @Test("their fitted values are those of the fit")
    func values() throws {
        func load(_ name: String) throws -> HardwareProfile {
            try HardwareLoader.load(named: "\(folder)/\(name).yaml", environment: [:])
        }
        let h100 = try load("H100-SXM")
        #expect(h100[.nicBandwidth] == 47.11 && h100.constants[.nicBandwidth]?.basis == .fitted)
        #expect(h100[.linkBandwidth] == 360 && h100.constants[.linkBandwidth]?.basis == .assumed)
        let h800 = try load("H800-SXM")
        #expect(h800[.linkBandwidth] == 135 && h800.constants[.linkBandwidth]?.basis == .fitted)
        #expect(h800[.lowLatencyCombineFlag] == h100[.lowLatencyCombineFlag])
        let h200 = try load("H200-SXM")
        #expect(abs(h200[.fp8Peak] * h200[.contiguousProductEfficiency] - 1620) < 0.1)
        #expect(abs(h200[.memoryBandwidth] * h200[.maskedMemoryEfficiency] - 4335) < 0.2)
        #expect(try load("A100-SXM")[.fp8Peak] == 0)
        #expect(try load("GB200-NVL72")[.ranksPerNode] == 72)
        #expect(h100.assumed(among: [.linkBandwidth, .nicBandwidth, .gateLaunch]) == [.linkBandwidth, .gateLaunch])
    }

    @Test("constants that were carried over have the values that they came with")
    func carriedOver() throws {
        let names = ["H100-SXM", "H200-SXM"]
        let origins = try names.map { try HardwareLoader.load(named: "\(folder)/\($0).yaml", environment: [:]) }
        for name in Self.names {
            let profile = try HardwareLoader.load(named: "\(folder)/\(name).yaml", environment: [:])
            for (key, constant) in profile.constants where constant.basis == .assumed {
                for (origin, source) in zip(names, origins) where constant.source.hasPrefix("as on \(origin)") {
                    #expect(constant.value == source[key], "\(name): \(key.rawValue)")
                }
            }
        }
    }

    /// As each file had them when it had all of them itself.
    @Test("what profiles extend gives the constants that they had before", arguments: names)
    func extended(name: String) throws {
        let dump = packageFolder("Tests/ConfigurationTests/Fixtures/profiles.csv")
        let rows = try CSVReader.rows(of: TextFile.read(dump)).map(\.fields).filter { $0[0] == name }
        let profile = try HardwareLoader.load(named: name, environment: ["EPSIM_HARDWARE": folder])
        #expect(rows.count == 44)
        for fields in rows {
            let key = try #require(HardwareConstant(rawValue: fields[1]))
            let constant = try #require(profile.constants[key])
            #expect(constant.value == Double(fields[2]) && constant.basis.rawValue == fields[3], "\(fields)")
            #expect(constant.source == fields[4])
            #expect((constant.spread.map { DecimalText.text($0) } ?? "") == fields[5])
        }
    }

    @Test("a profile with every constant reads back as it was written, odd texts included")
    func roundTrip() throws {
        let source = "a \"quoted\" word, \\ and ü: # no comment"
        let keys = HardwareConstant.allCases.enumerated()
        let document = ProfileDocument<HardwareConstant>(
            name: "1e3",
            summary: source,
            constants: Dictionary(
                uniqueKeysWithValues: keys.map { index, key in
                    let value = key.range.contains(0.1) ? 0.1 : 3
                    let basis = Constant.Basis.allCases[index % 4]
                    return (key, Constant(value, basis: basis, source: source, spread: index % 2 == 0 ? nil : 0.25))
                }
            )
        )
        let text = ProfileWriter.yaml(document)
        #expect(try ProfileReader.read(yaml: text, file: "a.yaml") == document)
    }
}

/// Another kind of profile in the same form.
private enum Kitchen: String, ProfileConstant {
    case ovens
    case heat = "heat_rate"
    case delay

    var unit: String { self == .ovens ? "ovens" : self == .heat ? "K/s" : "us" }
    var meaning: String { "What it is." }
    var range: ConstantRange { self == .ovens ? .count : self == .heat ? .share : .fromZero }
}

@Suite("Errors of profiles")
struct ProfileErrorTests {
    private func lines(_ yaml: String) -> [String] {
        problems { () throws(ConfigurationError) in
            _ = try ProfileReader.read(yaml: yaml, file: "k.yaml", keys: Kitchen.self)
        }
    }

    private func kitchen(ovens: String = "{value: 2, unit: ovens, basis: measured, source: me}") -> String {
        """
        name: k
        summary: a kitchen
        constants:
          ovens: \(ovens)
          heat_rate: {value: 0.5, unit: K/s, basis: fitted, source: me, spread: 0.1}
          delay: {value: 0, unit: us, basis: assumed, source: me}
        """
    }

    @Test("another kind of profile is read by the same rules")
    func otherKind() throws {
        let document = try ProfileReader.read(yaml: kitchen(), file: "k.yaml", keys: Kitchen.self)
        #expect(document.name == "k" && document.summary == "a kitchen")
        #expect(document.constants[.heat] == Constant(0.5, basis: .fitted, source: "me", spread: 0.1))
        #expect(document.constants[.ovens]?.spread == nil && document.constants.count == 3)
    }

    @Test(
        "values, units and keys that are not allowed",
        arguments: [
            (
                "{value: 2.5, unit: ovens, basis: measured, source: me}",
                "k.yaml:4:11: constants.ovens.value: found 2.5, allowed: an integer from 1 to 1000000"
            ),
            (
                "{value: two, unit: ovens, basis: measured, source: me}",
                "k.yaml:4:11: constants.ovens.value: found \"two\", allowed: an integer from 1 to 1000000"
            ),
            (
                "{value: 2, unit: pans, basis: measured, source: me}",
                "k.yaml:4:21: constants.ovens.unit: found \"pans\", allowed: ovens"
            ),
            (
                "{value: 2, unit: ovens, basis: guessed, source: me}",
                "k.yaml:4:34: constants.ovens.basis: found \"guessed\", allowed: datasheet, measured, fitted or assumed"
            ),
            (
                "{value: 2, unit: ovens, basis: measured, source: me, spread: -1}",
                "k.yaml:4:63: constants.ovens.spread: found -1, allowed: a number, at least 0"
            ),
            (
                "{value: 2, unit: ovens, basis: measured, sources: me}",
                "k.yaml:4:51: constants.ovens.sources: unknown key, did you mean constants.ovens.source?"
            ),
            ("{value: 2, unit: ovens, basis: measured}", "k.yaml:4:11: constants.ovens.source: missing, allowed: text"),
            ("[1]", "k.yaml:4:3: constants.ovens: found a list, allowed: a mapping with any of value, unit, basis"),
        ]
    )
    func values(_ ovens: String, _ message: String) throws {
        let found = lines(kitchen(ovens: ovens))
        #expect(found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test("what is missing, and what is too much")
    func missing() {
        #expect(
            lines(kitchen().replacing("heat_rate: {", with: "heat_rates: {")) == [
                "k.yaml:5:3: constants.heat_rates: unknown key, did you mean constants.heat_rate?",
                "k.yaml: constants: missing heat_rate, allowed: every constant with value, unit, basis and source",
            ]
        )
        #expect(
            lines("name: k\nsummary: s\n") == [
                "k.yaml: constants: missing ovens, heat_rate and delay, allowed: every constant with value, unit, "
                    + "basis and source"
            ]
        )
        #expect(
            lines("constants: 3\n").first
                == "k.yaml:1:1: constants: found 3, allowed: a mapping with any of ovens, heat_rate and delay"
        )
        #expect(lines("constants: 3\n").contains { $0.hasPrefix("k.yaml: name: missing, allowed: text") })
        #expect(lines("") == ["k.yaml: found an empty file, allowed: a mapping with name, summary and constants"])
        #expect(lines(kitchen() + "\ncolour: red").first?.hasPrefix("k.yaml:7:1: colour: unknown key") == true)
    }
}
