import CostModel
import Foundation
import TestSupport
import Testing

@testable import Configuration

@Suite("The profile of this machine")
struct HostLoaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func profile() throws -> HostProfile {
        let constants = HostConstant.allCases.map { ($0, Constant(3, basis: .measured, source: "a test", spread: 0.1)) }
        return try HostProfile(
            name: "this-machine",
            processor: "A processor",
            constants: Dictionary(uniqueKeysWithValues: constants)
        )
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let path = try folder.write(HostLoader.yaml(profile()), as: "this-machine.yaml")
        #expect(try HostLoader.read(path) == profile())
        let folderPath = URL(fileURLWithPath: path).deletingLastPathComponent().path
        #expect(try HostLoader.load(environment: ["EPSIM_HARDWARE": folderPath]) == profile())
        let names = try HardwareLoader.files(environment: ["EPSIM_HARDWARE": folderPath]).map(\.name)
        #expect(!names.contains("this-machine"), "it is no cluster of accelerators")
    }

    @Test func aVariableLeadsAwayFromTheHome() {
        #expect(
            HostLoader.path(environment: ["EPSIM_HARDWARE": "/own", "HOME": "/home/x"]) == "/own/this-machine.yaml"
        )
        #expect(
            HostLoader.path(environment: ["XDG_CONFIG_HOME": "/xdg", "HOME": "/home/x"])
                == "/xdg/epsim/hardware/this-machine.yaml"
        )
        #expect(
            HostLoader.path(environment: ["HOME": "/home/x"]) == "/home/x/.config/epsim/hardware/this-machine.yaml"
        )
        #expect(HostLoader.path(environment: [:]) == nil)
    }

    @Test func withoutAFileThereIsNone() throws {
        #expect(try HostLoader.load(environment: ["EPSIM_HARDWARE": "/nowhere/at/all"]) == nil)
    }

    @Test func errorsNameFileLineAndKey() throws {
        let text = try HostLoader.yaml(profile()).replacingOccurrences(of: "unit: cores", with: "unit: apples")
        let path = try folder.write(text, as: "this-machine.yaml")
        #expect {
            try HostLoader.read(path)
        } throws: { error in
            "\(error)".contains("this-machine.yaml:") && "\(error)".contains("constants.cores.unit: found")
                && "\(error)".contains("apples") && "\(error)".contains("allowed: cores")
        }
    }
}
