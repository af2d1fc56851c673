import ConfigurationSupport
import CostModel
import Foundation
import Settings
import TestSupport
import Testing

@testable import Configuration

@Suite("Profiles that extend others")
struct ProfileExtensionTests {
    private let folder: TemporaryFolder
    private var environment: [String: String] { ["EPSIM_HARDWARE": folder.path] }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ name: String, extends base: String, _ constants: String = "{}") throws {
        try folder.write(
            "name: \(name)\nsummary: a test\nextends: \(base)\nconstants: \(constants)\n",
            as: "\(name).yaml"
        )
    }

    private func lines(_ name: String) -> [String] {
        problems { () throws(ConfigurationError) in
            _ = try HardwareLoader.load(named: name, environment: environment)
        }
    }

    private let capacity = "{memory_capacity: {value: 10, unit: GB, basis: measured, source: me}}"

    @Test("one constant of its own, the others as assumed ones")
    func oneOfItsOwn() throws {
        try write("Mine", extends: "h100", capacity)
        let mine = try HardwareLoader.load(named: "mine", environment: environment)
        let base = try HardwareLoader.load(named: "H100-SXM", environment: [:])
        #expect(mine.constants[.memoryCapacity] == Constant(10, basis: .measured, source: "me"))
        for key in HardwareConstant.allCases where key != .memoryCapacity {
            #expect(mine[key] == base[key] && mine.constants[key]?.basis == .assumed)
        }
        #expect(mine.constants[.nicBandwidth]?.source == "as on H100-SXM")
        #expect(mine.constants[.linkBandwidth]?.source == base.constants[.linkBandwidth]?.source)
    }

    @Test("through two of them, and by a path")
    func throughTwo() throws {
        try write("First", extends: "H100-SXM", capacity)
        try write("Second", extends: "First")
        let second = try HardwareLoader.load(named: "\(folder.path)/Second.yaml", environment: environment)
        #expect(second[.memoryCapacity] == 10)
        #expect(second.constants[.memoryCapacity]?.source == "as on First")
        #expect(second.constants[.nicBandwidth]?.source == "as on H100-SXM")
    }

    @Test("one that extends itself, also through others")
    func loops() throws {
        try write("Alone", extends: "Alone")
        #expect(
            lines("Alone") == [
                "\(folder.path)/Alone.yaml: extends: found Alone, which extends this file itself, allowed: a profile that "
                    + "does not"
            ]
        )
        try write("A", extends: "B")
        try write("B", extends: "A")
        #expect(
            lines("A") == [
                "\(folder.path)/B.yaml: extends: found A, which extends this file itself, allowed: a profile that does not"
            ]
        )
    }

    @Test("one that does not exist, a half constant, a broken base")
    func wrong() throws {
        try write("Mine", extends: "H300")
        #expect(lines("Mine").first?.hasPrefix("\(folder.path)/Mine.yaml: extends: found \"H300\", ") == true)
        try write("Half", extends: "H100-SXM", "{memory_capacity: {value: 10}}")
        #expect(lines("Half").count == 3)
        #expect(lines("Half").first?.contains("constants.memory_capacity.unit: missing") == true)
        try folder.write("name: Broken\nsummary: s\n", as: "Broken.yaml")
        try write("Upon", extends: "Broken")
        #expect(lines("Upon").first?.hasPrefix("\(folder.path)/Broken.yaml: constants: missing ") == true)
    }

    @Test("names in any case; the one that is spelled so first")
    func names() throws {
        #expect(try HardwareLoader.load(named: "h100-sxm", environment: [:]).name == "H100-SXM")
        #expect(try HardwareLoader.load(named: "h20", environment: [:]).name == "H20")
        try write("b200", extends: "B200", capacity)
        #expect(try HardwareLoader.load(named: "b200", environment: environment)[.memoryCapacity] == 10)
        #expect(try HardwareLoader.load(named: "B200", environment: environment)[.memoryCapacity] == 180)
    }

    @Test("a file of its own that lacks a later constant has that of the base profile")
    func later() throws {
        let base = try HardwareLoader.load(named: HardwareConstant.baseProfile, environment: [:])
        let document = ProfileDocument(
            name: "Mine",
            summary: "a test",
            constants: base.constants.filter { !HardwareConstant.later.contains($0.key) }
        )
        let path = try folder.write(ProfileWriter.yaml(document), as: "Mine.yaml")
        let mine = try HardwareLoader.load(named: path, environment: [:])
        for key in HardwareConstant.allCases {
            #expect(mine[key] == base[key])
            if HardwareConstant.later.contains(key) { #expect(mine.constants[key]?.basis == .assumed) }
        }
        #expect(HardwareConstant.later.count < HardwareConstant.allCases.count / 2)
    }

    @Test("the profile of a machine extends none")
    func machine() throws {
        let path = try folder.write("name: this-machine\nsummary: s\nextends: H100-SXM\n", as: "this-machine.yaml")
        let found = problems { () throws(ConfigurationError) in _ = try HostLoader.read(path) }
        #expect(found.count == 1 && found[0].contains("this-machine.yaml: extends: found, allowed: no other profile"))
    }
}
