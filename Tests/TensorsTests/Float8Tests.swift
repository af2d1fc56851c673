import Foundation
import Testing

@testable import Tensors

/// float8 E4M3 against the list of another implementation, for every code.
@Suite struct Float8Tests {
    @Test func convertsEveryCode() throws {
        let lines = try String(contentsOfFile: fixture("float8_e4m3.txt"), encoding: .utf8).split(separator: "\n")
        try #require(lines.count == 256)
        for (code, line) in lines.enumerated() {
            let expected = try #require(Float(line))
            let found = float(float8E4M3: UInt8(code))
            #expect(found == expected || found.isNaN && expected.isNaN, "code \(code): \(found), not \(expected)")
            #expect(found.isNaN || found.sign == expected.sign, "code \(code)")
        }
    }

    @Test func readsAndReleasesRows() throws {
        let folder = try TemporaryFolder()
        let header = #"{"w":{"dtype":"F8_E4M3","shape":[3,2],"data_offsets":[0,6]}}"#
        let data: [UInt8] = [0x00, 0x38, 0x7E, 0xFE, 0x01, 0x7F]
        let path = try folder.write(safetensors(header, data: data), as: "f8.safetensors")
        let tensor = try SafetensorsFile(path: path).tensor(named: "w")
        #expect(try tensor.floats(rows: 0..<2) == [0, 1, 448, -448])
        #expect(try tensor.bytes(rows: 1..<3) == [0x7E, 0xFE, 0x01, 0x7F])
        try tensor.releaseMemory(rows: 0..<3)
        let last = try tensor.floats(rows: 2..<3)
        #expect(last[0] == 0x1p-9 && last[1].isNaN)
        #expect(throws: TensorFileError.self) { try tensor.releaseMemory(rows: 2..<4) }
        #expect(throws: TensorFileError.self) { try tensor.bytes(rows: 2..<4) }
    }
}
