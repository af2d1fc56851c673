import Foundation
import Tensors
import TestSupport
import Testing

/// Reading safetensors files; `mixed.safetensors` was written by the reference implementation.
@Suite struct SafetensorsFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func readsEveryTypeThatTheReferenceWrote() throws {
        let file = try openTensorFile(fixture("mixed.safetensors"))
        #expect(Set(file.names) == ["bytes", "half", "single", "double", "long", "word", "none", "number"])
        #expect(try file.tensor(named: "bytes").integers(rows: 0..<3) == [0, 1, 2])
        #expect(try file.tensor(named: "half").floats(rows: 0..<2) == [0.5, -2, 65504, 0x1p-24])
        #expect(try file.tensor(named: "double").floats(rows: 0..<3) == [1 / 3, -.infinity, 0])
        #expect(try file.tensor(named: "long").integers(rows: 0..<2) == [.min, .max])
        #expect(try file.tensor(named: "word").integers(rows: 0..<2) == [-32768, 32767])
    }

    @Test func readsRowsOfTheFirstDimension() throws {
        let tensor = try SafetensorsFile(path: fixture("mixed.safetensors")).tensor(named: "single")
        #expect(tensor.shape == [3, 4])
        #expect(tensor.rows == 3)
        #expect(tensor.elementsPerRow == 4)
        #expect(try tensor.floats(rows: 1..<2) == [-0.25, 0, 0.25, 0.5])
        #expect(try tensor.floats(rows: 3..<3) == [])
    }

    @Test func readsEmptyAndZeroDimensionalTensors() throws {
        let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
        #expect(try file.tensor(named: "none").shape == [0, 7])
        #expect(try file.tensor(named: "none").floats(rows: 0..<0) == [])
        #expect(try file.tensor(named: "number").rows == 1)
        #expect(try file.tensor(named: "number").integers(rows: 0..<1) == [7])
        #expect(file.metadata == ["made by": "numpy"])
    }

    @Test func readsDataOnOddAddresses() throws {
        let json =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F64","shape":[1],"#
            + #""data_offsets":[1,9]},"c":{"dtype":"BF16","shape":[2],"data_offsets":[9,13]}}"#
        let data = [7] + littleEndian((-2.5).bitPattern) + littleEndian(UInt16(0x3FC0)) + littleEndian(UInt16(0xFF80))
        for padding in 0..<8 {
            let padded = json + String(repeating: " ", count: padding)
            let file = try SafetensorsFile(path: folder.write(safetensors(padded, data: data), as: "odd.safetensors"))
            #expect(file.names == ["a", "b", "c"])
            #expect(try file.tensor(named: "b").floats(rows: 0..<1) == [-2.5])
            #expect(try file.tensor(named: "c").floats(rows: 0..<2) == [1.5, -.infinity])
        }
    }

    @Test func viewOutlivesTheFileThatMadeIt() throws {
        func view() throws -> TensorView {
            try SafetensorsFile(path: fixture("mixed.safetensors")).tensor(named: "bytes")
        }
        #expect(try view().integers(rows: 2..<3) == [2])
    }

    @Test func namesWhatExists() throws {
        let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
        let found = failure { _ = try file.tensor(named: "hidden") }
        let names = #""long", "double", "none", "single", "number", "half", "word", "bytes""#
        #expect(found == #"\#(file.path): holds no tensor "hidden"; it holds \#(names)"#)
    }

    @Test func refusesRowsAndTypesThatItHasNot() throws {
        let file = try SafetensorsFile(path: fixture("mixed.safetensors"))
        let single = try file.tensor(named: "single")
        let start = #"\#(file.path): tensor "single": "#
        #expect(
            failure { _ = try single.floats(rows: 2..<4) }
                == start + "has 3 rows; rows 2..<4 were asked for"
        )
        #expect(failure { _ = try single.floats(rows: -1..<1) } != nil)
        #expect(
            failure { _ = try single.integers(rows: 0..<1) }
                == start + "is F32; integers are read from I64, I32, I16, I8, U64, U32, U16 and U8"
        )
        let bytes = try file.tensor(named: "bytes")
        #expect(
            failure { _ = try bytes.floats(rows: 0..<1) }
                == #"\#(file.path): tensor "bytes": is U8; real numbers are read from F64, F32, F16, BF16 and F8_E4M3"#
        )
    }

    @Test func refusesUnsignedNumbersOverTheSignedRange() throws {
        let json = #"{"a":{"dtype":"U64","shape":[2],"data_offsets":[0,16]}}"#
        let data = littleEndian(UInt64(Int64.max)) + littleEndian(UInt64(1) << 63)
        let path = try folder.write(safetensors(json, data: data), as: "u.safetensors")
        let tensor = try SafetensorsFile(path: path).tensor(named: "a")
        #expect(try tensor.integers(rows: 0..<1) == [.max])
        #expect(
            failure { _ = try tensor.integers(rows: 0..<2) }
                == #"\#(path): tensor "a": holds 9223372036854775808; integers up to 9223372036854775807 are allowed"#
        )
    }

    @Test func refusesWhatIsNoFile() throws {
        let missing = folder.path("missing.safetensors")
        #expect(
            failure { _ = try openTensorFile(missing) }
                == "\(missing): cannot be opened: No such file or directory"
        )
        try FileManager.default.createDirectory(atPath: missing, withIntermediateDirectories: false)
        #expect(
            failure { _ = try openTensorFile(missing) }
                == "\(missing): is a folder; a regular file is needed"
        )
        #expect(
            failure { _ = try MappedFile(path: "/dev/null") }
                == "/dev/null: is a pipe, socket or device; a regular file is needed"
        )
        #expect(
            failure { _ = try openTensorFile("weights.bin") }
                == "weights.bin: is not named as a tensor file; allowed are .safetensors, .npy, .npz, .pt and .pth"
        )
    }
}
