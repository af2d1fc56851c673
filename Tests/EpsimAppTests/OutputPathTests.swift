import Foundation
import TestSupport
import Testing

@testable import EpsimApp

@Suite struct OutputPathTests {
    /// The file itself, a link to it, a path with dots, and a file within a folder that is read.
    @Test func whatIsReadIsNotWritten() throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let input = try folder.write("mine", as: "in.safetensors")
        try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: input)
        for path in [input, folder.path("link"), "\(folder.path)/./in.safetensors"] {
            #expect(throws: ExitStatus.badConfiguration, "\(path)") {
                try OutputPath(option: "--out", path: path).require(apartFrom: ["elsewhere", input])
            }
        }
        #expect(throws: ExitStatus.badConfiguration) {
            try OutputPath(option: "--out", path: input).require(apartFrom: [folder.path])
        }
        let other = try folder.write("other", as: "out.safetensors")
        try OutputPath(option: "--out", path: other).require(apartFrom: [input, "\(folder.path)/ou"])
        try OutputPath(option: "--out", path: folder.path("new")).require(apartFrom: [input, folder.path])
    }
}
