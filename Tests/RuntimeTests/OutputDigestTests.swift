import Tensors
import Testing

@testable import Runtime

/// Expected digests are hashlib's, over struct.pack('<f', ...) of the values.
@Suite struct OutputDigestTests {
    private let first = Matrix(rows: 2, columns: 3, values: [0, 1, -2.5, 0.00325, 1e30, -0.0])
    private let second = Matrix(rows: 1, columns: 2, values: [3.5, .infinity])

    @Test func isTheHashOfTheBytes() {
        var digest = OutputDigest()
        digest.add(first)
        #expect(digest.hexadecimal == "c7c6484cddbfcb751122c776f4e4388f1a9ec9464bdd5dda44d28a342278b3de")
    }

    @Test func stepsAreOneStream() {
        var digest = OutputDigest()
        digest.add(first)
        _ = digest.hexadecimal
        digest.add(second)
        #expect(digest.hexadecimal == "36068a5dfd1cdec85aa3b5246ce91d64b5deba1e1151dc74c924abb280c7b8e4")
        #expect(digest.hexadecimal == "36068a5dfd1cdec85aa3b5246ce91d64b5deba1e1151dc74c924abb280c7b8e4")
    }

    @Test func nothingHasNoDigest() {
        #expect(OutputDigest().hexadecimal == nil)
    }
}
