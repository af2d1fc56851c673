import TestSupport

/// The path of a file beside the tests.
func fixture(_ name: String) -> String { packageFolder("Tests/TensorsTests/Fixtures/\(name)") }

/// A version 1 `.npy` file with this header.
func npy(_ dictionary: String, data: [UInt8] = []) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(UInt16(dictionary.utf8.count)) + Array(dictionary.utf8) + data
}
