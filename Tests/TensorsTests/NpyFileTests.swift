import Tensors
import TestSupport
import Testing

/// Reading `.npy` files that NumPy wrote, and refusing those that epsim cannot use.
@Suite struct NpyFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func refusal(_ path: String) -> String? {
        failure { _ = try openTensorFile(path) }
            .map { String($0.dropFirst(path.count + 2)) }
    }

    @Test(arguments: ["f8", "f4", "f2"])
    func readsRealNumbers(name: String) throws {
        let tensor = try openTensorFile(fixture("\(name).npy")).tensor(named: name)
        #expect(tensor.shape == [3, 4])
        #expect(try tensor.floats(rows: 0..<3) == (0..<12).map { Float($0 - 5) / 4 })
        #expect(try tensor.floats(rows: 2..<3) == (8..<12).map { Float($0 - 5) / 4 })
    }

    @Test(arguments: [("i8", -5), ("i4", -5), ("i2", -5), ("i1", -5), ("u8", 5), ("u4", 5), ("u2", 5), ("u1", 5)])
    func readsIntegers(name: String, shift: Int64) throws {
        let tensor = try openTensorFile(fixture("\(name).npy")).tensor(named: name)
        #expect(try tensor.integers(rows: 0..<3) == (0..<12).map { $0 + shift })
    }

    @Test(arguments: ["version2", "version3"])
    func readsLaterVersions(name: String) throws {
        let tensor = try openTensorFile(fixture("\(name).npy")).tensor(named: name)
        #expect(try tensor.floats(rows: 0..<3) == (0..<12).map { Float($0) })
    }

    @Test func readsOtherShapes() throws {
        #expect(try NpyFile(path: fixture("scalar.npy")).tensor(named: "scalar").floats(rows: 0..<1) == [2.5])
        #expect(try NpyFile(path: fixture("vector.npy")).tensor(named: "vector").integers(rows: 1..<3) == [1, 2])
        #expect(try NpyFile(path: fixture("empty.npy")).tensor(named: "empty").shape == [0, 4])
        #expect(try NpyFile(path: fixture("bool.npy")).tensor(named: "bool").dtype == .bool)
    }

    private let allowed = "allowed are <f2 <f4 <f8 <i2 <i4 <i8 <u2 <u4 <u8 |b1 |i1 |u1"

    @Test func refusesWhatItCannotRead() {
        #expect(
            refusal(fixture("fortran.npy"))
                == "is in Fortran order; C order is needed: save numpy.ascontiguousarray(array)"
        )
        #expect(refusal(fixture("bigendian.npy")) == #"descr ">f4" is big-endian; \#(allowed)"#)
        #expect(refusal(fixture("object.npy")) == #"descr "|O" holds Python objects, not numbers; \#(allowed)"#)
        #expect(refusal(fixture("complex.npy")) == #"descr "<c8" is not known; \#(allowed)"#)
        #expect(
            refusal(fixture("structured.npy"))
                == "its header at byte 20 should hold one plain dtype; this array has structured elements"
        )
    }

    @Test(arguments: [
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
            "holds 8 bytes of data; shape [3] of F32 needs 12"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
            "holds 8 bytes of data; shape [1] of F32 needs 4"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
            "shape [4611686018427387904, 4] is negative or too large"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
            "its header at byte 61 should hold a whole number from 0 to 9223372036854775807"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "its header at byte 61 should hold a whole number from 0 to 9223372036854775807"
        ),
        ("{'descr': '<f4', 'fortran_order': False}", "its header has no shape that is a tuple of whole numbers"),
        (
            "{'descr': '<f4', 'shape': (2,)}",
            "has no fortran_order; C order is needed: save numpy.ascontiguousarray(array)"
        ),
        ("{'fortran_order': False, 'shape': (2,)}", "its header has no descr that is a string; ALLOWED"),
        ("{'descr': '<f4', 'descr': '<f4'}", "its header at byte 41 should hold the key \"descr\" only once"),
        ("{'descr': '<f4'} x", "its header at byte 27 should hold nothing after the dictionary"),
        ("{'descr': '<f4", "its header at byte 20 should hold a closing quote"),
        ("{'descr': None}", "its header at byte 24 should hold a string, a tuple, True or False"),
        ("{'descr' '<f4'}", "its header at byte 19 should hold ':'"),
        ("{1: 2}", "its header at byte 11 should hold a string in quotes"),
        ("", "its header at byte 10 should hold '{'"),
    ])
    func refusesLyingHeaders(dictionary: String, sentence: String) throws {
        let path = try folder.write(npy(dictionary, data: Array(repeating: 0, count: 8)), as: "lie.npy")
        #expect(refusal(path) == sentence.replacing("ALLOWED", with: allowed))
    }

    @Test func refusesWrongBeginnings() throws {
        func refusal(of bytes: [UInt8]) throws -> String? { try self.refusal(folder.write(bytes, as: "x.npy")) }
        let magic = [0x93] + Array("NUMPY".utf8)
        #expect(try refusal(of: []) == "is not a .npy file: it does not begin with \\x93NUMPY")
        #expect(
            try refusal(of: Array("PK, not an array".utf8)) == "is not a .npy file: it does not begin with \\x93NUMPY"
        )
        #expect(try refusal(of: magic + [4, 0, 0, 0]) == "has .npy version 4.0; versions 1.0, 2.0 and 3.0 are read")
        #expect(
            try refusal(of: magic + [1, 0, 9, 0])
                == "says that its header has 9 bytes, but the file ends after 10 bytes"
        )
        #expect(
            try refusal(of: magic + [2, 0, 0, 0, 0, 128])
                == "says that its header has 2147483648 bytes; at most 65536 are allowed"
        )
    }
}
