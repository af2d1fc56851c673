import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Writing safetensors files piece by piece.
@Suite struct SafetensorsWriterTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private let specs = [
        TensorSpec(name: "ids", dtype: .i16, shape: [4, 3]),
        TensorSpec(name: "long/\"quoted\"", dtype: .i64, shape: [2]),
        TensorSpec(name: "outputs", dtype: .f32, shape: [3, 2]),
        TensorSpec(name: "rounded", dtype: .bf16, shape: [1, 3]),
        TensorSpec(name: "nothing", dtype: .f32, shape: [5, 0]),
        TensorSpec(name: "number", dtype: .u8, shape: []),
    ]

    private func writeAllTensors(_ writer: SafetensorsWriter) throws {
        try writer.write("ids", atRow: 2, integers: [7, 8, 9, 10, 11, Int16.min])
        try writer.write("ids", atRow: 0, integers: (1...6).map { Int16($0) })
        try writer.write("long/\"quoted\"", atRow: 0, integers: [Int64.min, 5])
        for row in [2, 0, 1] { try writer.write("outputs", atRow: row, floats: [Float(row), -0.5]) }
        try writer.write("rounded", atRow: 0, floats: [1, 1.00390625, -3])
        try writer.write("number", atRow: 0, integers: [UInt8(200)])
    }

    @Test func readsBackWhatWasWrittenInAnyOrder() throws {
        let path = folder.path("out.safetensors")
        let writer = try SafetensorsWriter(path: path, tensors: specs, metadata: ["made by": "a test"])
        #expect(try folder.names().allSatisfy { $0.hasPrefix(".out.safetensors.") && $0.hasSuffix(".partial") })
        try writeAllTensors(writer)
        try writer.finish()
        #expect(try folder.names() == ["out.safetensors"])
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == ["made by": "a test"])
        #expect(file.names == ["long/\"quoted\"", "outputs", "nothing", "ids", "rounded", "number"])
        #expect(
            try file.tensor(named: "ids").integers(rows: 0..<4) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -32768]
        )
        #expect(try file.tensor(named: "long/\"quoted\"").integers(rows: 0..<2) == [.min, 5])
        #expect(try file.tensor(named: "outputs").floats(rows: 0..<3) == [0, -0.5, 1, -0.5, 2, -0.5])
        #expect(try file.tensor(named: "rounded").floats(rows: 0..<1) == [1, 1, -3])
        #expect(try file.tensor(named: "number").integers(rows: 0..<1) == [200])
        #expect(try file.tensor(named: "nothing").shape == [5, 0])
    }

    @Test func putsDataOnMultiplesOfTheirSize() throws {
        let layout = try SafetensorsLayout(tensors: specs, metadata: [:], path: "f")
        #expect(layout.fileOffsets.allSatisfy { $0.offset % $0.spec.dtype.byteCount == 0 })
        #expect(layout.head.count % 8 == 0)
    }

    @Test func finishNamesMissingRowsAndLeavesNoFile() throws {
        do {
            let writer = try SafetensorsWriter(
                path: folder.path("out.safetensors"),
                tensors: [TensorSpec(name: "a", dtype: .f32, shape: [4, 1])]
            )
            try writer.write("a", atRow: 0, floats: [1])
            try writer.write("a", atRow: 3, floats: [1])
            #expect(
                failure { try writer.finish() }
                    == #"\#(writer.path): tensor "a": rows 1..<3 were never written"#
            )
            #expect(try folder.names().count == 1)
        }
        #expect(try folder.names() == [])
    }

    @Test func abandonKeepsTheFileThatWasThere() throws {
        let path = try folder.write([1, 2, 3], as: "out.safetensors")
        let writer = try SafetensorsWriter(path: path, tensors: specs)
        writer.abandon()
        writer.abandon()
        #expect(try folder.names() == ["out.safetensors"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        #expect(
            failure { try writer.write("number", atRow: 0, integers: [UInt8(1)]) }
                == "\(path): was finished or abandoned before"
        )
        #expect(failure { try writer.finish() } != nil)
    }

    @Test func finishReplacesTheFileThatWasThere() throws {
        let path = try folder.write([1, 2, 3], as: "out.safetensors")
        let writer = try SafetensorsWriter(path: path, tensors: specs)
        try writeAllTensors(writer)
        try writer.finish()
        writer.abandon()
        #expect(try SafetensorsFile(path: path).names.count == specs.count)
    }

    @Test func refusesWhatDoesNotFit() throws {
        let writer = try SafetensorsWriter(path: folder.path("o.safetensors"), tensors: specs)
        func refusal(_ tensor: String, row: Int, floats: [Float]) -> String? {
            failure { try writer.write(tensor, atRow: row, floats: floats) }
                .map { String($0.dropFirst(writer.path.count + 2)) }
        }
        #expect(
            refusal("outputs", row: 0, floats: [1])
                == #"tensor "outputs": 1 values at row 0 do not fit shape [3, 2]: rows have 2 values"#
        )
        for row in [3, -1, .max, .min] { #expect(refusal("outputs", row: row, floats: [1, 2]) != nil) }
        #expect(refusal("outputs", row: 2, floats: [1, 2, 3, 4]) != nil)
        #expect(refusal("nothing", row: 0, floats: [1]) != nil)
        #expect(
            refusal("ids", row: 0, floats: [1, 2, 3])
                == #"tensor "ids": is declared I16, but real numbers were given, which go to F32 and BF16"#
        )
        #expect(
            refusal("x", row: 0, floats: [])?.hasPrefix(#"tensor "x": was not declared; declared are "ids", "#) == true
        )
        #expect(
            failure { try writer.write("ids", atRow: 0, integers: [Int32(1), 2, 3]) }
                == #"\#(writer.path): tensor "ids": is declared I16, but integers of type I32 were given, which go to I32"#
        )
    }

    @Test func refusesImpossibleDeclarations() throws {
        func refusal(_ specs: [TensorSpec]) -> String? {
            failure {
                _ = try SafetensorsWriter(path: folder.path("o.safetensors"), tensors: specs)
            }.map { String($0.dropFirst(folder.path("o.safetensors").count + 2)) }
        }
        let number = TensorSpec(name: "a", dtype: .f32, shape: [])
        #expect(refusal([number, number]) == #"tensor "a": this name is taken"#)
        #expect(
            refusal([TensorSpec(name: "__metadata__", dtype: .f32, shape: [])])
                == #"tensor "__metadata__": this name is taken"#
        )
        #expect(
            refusal([TensorSpec(name: "a", dtype: .f32, shape: [-1])])
                == #"tensor "a": shape [-1] is negative or too large"#
        )
        #expect(refusal([TensorSpec(name: "a", dtype: .i8, shape: [.max])]) != nil)
        #expect(try folder.names() == [])
    }

    @Test func saysWhyTheSystemRefuses() throws {
        let path = folder.path("missing/o.safetensors")
        #expect(
            failure { _ = try SafetensorsWriter(path: path, tensors: specs) }
                == "\(path): cannot be created: No such file or directory"
        )
        let huge = [TensorSpec(name: "a", dtype: .i8, shape: [.max / 4])]
        let large = folder.path("large.safetensors")
        let found = failure { _ = try SafetensorsWriter(path: large, tensors: huge) }
        #expect(found == "\(large): cannot be written: File too large")
        #expect(try folder.names() == [])
    }
}
