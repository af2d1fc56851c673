import Foundation
import TestSupport
import Testing

@testable import Tensors

/// float8 E4M3 against the list of another implementation, for every code.
@Suite struct Float8Tests {
    @Test func convertsEveryCode() throws {
        let lines = try String(contentsOfFile: fixture("float8_e4m3.txt"), encoding: .utf8).split(separator: "\n")
        try #require(lines.count == 256)
        for (code, line) in lines.enumerated() {
            let expected = try #require(Float(line))
            let found = Float8E4M3(bitPattern: UInt8(code)).float
            #expect(found == expected || found.isNaN && expected.isNaN, "code \(code): \(found), not \(expected)")
            #expect(found.isNaN || found.sign == expected.sign, "code \(code)")
        }
    }

    /// Every value halfway between two neighbours, and those just beside it, against a search of the whole list.
    @Test func roundsToTheNearestCode() throws {
        let lines = try String(contentsOfFile: fixture("float8_e4m3.txt"), encoding: .utf8).split(separator: "\n")
        let list = try lines.prefix(127).map { try #require(Float($0)) }
        var cases: [Float] = [0, .leastNonzeroMagnitude, 0x1p-11, 449, 464, 1e9, .greatestFiniteMagnitude, .infinity]
        for (low, high) in zip(list, list.dropFirst()) {
            let middle = (low + high) / 2
            cases += [low, low.nextUp, middle.nextDown, middle, middle.nextUp, high.nextDown, (low + middle) / 2]
        }
        let random = CounterRandom(seed: 77, purpose: .test)
        cases += (0..<20_000).map { Float(random.uniformDouble(2 * $0) * 500) }
        cases += (0..<20_000).map { Float(random.uniformDouble(2 * $0 + 1) * 0x1p-5) }
        let order = list.indices.sorted { ($0 & 1, $0) < ($1 & 1, $1) }
        for value in cases {
            // Even codes come first where two are equally near; all differences are exact in double precision.
            let distance = { (code: Int) in (Double(min(value, 448)) - Double(list[code])).magnitude }
            let nearest = try #require(order.min { distance($0) < distance($1) })
            #expect(Float8E4M3(value).bitPattern == UInt8(nearest), "\(value)")
            #expect(Float8E4M3(-value).bitPattern == UInt8(nearest) | 0x80, "-\(value)")
        }
    }

    @Test func keepsCodesAndNaN() {
        for bits in UInt8.min ... .max {
            #expect(Float8E4M3(Float8E4M3(bitPattern: bits).float).bitPattern == bits)
        }
        #expect(Float8E4M3(.nan).bitPattern == 0x7F && Float8E4M3(-Float.nan).bitPattern == 0xFF)
        #expect(Float8E4M3(Float(bitPattern: 0x7F80_0001)).float.isNaN)
        #expect(Float8E4M3(Float8E4M3.greatestFiniteMagnitude).bitPattern == 0x7E)
    }

    @Test func readsAndReleasesRows() throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
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
