internal import Crypto
internal import Tensors

/// SHA-256 over the outputs of all measured steps: little-endian singles, in token order.
struct OutputDigest {
    private var hash = SHA256()
    private var isEmpty = true

    mutating func add(_ output: Matrix) {
        isEmpty = false
        unsafe output.values.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }

    /// 64 hexadecimal digits, or nil when no step was measured.
    var hexadecimal: String? {
        guard !isEmpty else { return nil }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
